import "./no-telemetry.ts";

/**
 * ONNX Runtime's own settings, to be changed before the first session. In a browser `ortEnv.wasm.wasmPaths`
 * says where its `.wasm` files are, and `ortEnv.wasm.numThreads` how many workers compute.
 */
export { env as ortEnv } from "#ort";
