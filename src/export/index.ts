/** Carrying encoders and features elsewhere. */
export { featuresParquet } from "../formats/features-parquet.ts";
export { EXPORT_OPSET, type OnnxEncoderOptions, onnxEncoder } from "./onnx-encoder.ts";
