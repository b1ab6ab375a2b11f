/** Carrying encoders and features elsewhere. */
export { featuresParquet } from "./features-parquet.ts";
export { type OnnxEncoderOptions, onnxEncoder } from "./onnx-encoder.ts";
