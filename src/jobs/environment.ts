/** The environment that the bits of a result depend on, in addition to the configuration. */
import { runtimeVersion } from "../runtime/runtime-version.ts";
import type { Environment } from "../train/run-config.ts";
import { packageVersion } from "./package-version.ts";

/**
 * Threads and provider, with the versions of Afterimage and ONNX Runtime, as stored in a run's configuration.
 */
export function environmentOf({ threads, provider }: Pick<Environment, "threads" | "provider">): Environment {
  return { threads, provider, afterimage: packageVersion(), onnxruntime: runtimeVersion() };
}
