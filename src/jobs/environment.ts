/** What the bits of a result depend on beside the configuration. */
import { runtimeVersion } from "../runtime/runtime-version.ts";
import type { Environment } from "../train/run-config.ts";
import { packageVersion } from "./package-version.ts";

/**
 * Threads and provider with the versions of Afterimage and ONNX Runtime, as a run's configuration keeps them.
 */
export function environmentOf({ threads, provider }: Pick<Environment, "threads" | "provider">): Environment {
  return { threads, provider, afterimage: packageVersion(), onnxruntime: runtimeVersion() };
}
