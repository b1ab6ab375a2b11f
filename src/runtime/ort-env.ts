import "./no-telemetry.ts";

/**
 * ONNX Runtime's own settings, to be changed before the first session. In a browser, `ortEnv.wasm.wasmPaths`
 * is the place of its `.wasm` files, and `ortEnv.wasm.numThreads` the number of workers that compute.
 */
export { env as ortEnv } from "#ort";
