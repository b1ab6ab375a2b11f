/** Exports encoders and features to other programs. */
export { featuresParquet } from "../formats/features-parquet.ts";
export { type OnnxClassifierOptions, onnxClassifier } from "./onnx-classifier.ts";
export { EXPORT_OPSET, type OnnxEncoderOptions, onnxEncoder } from "./onnx-encoder.ts";
