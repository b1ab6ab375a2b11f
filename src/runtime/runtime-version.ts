import "./no-telemetry.ts";
import * as ort from "#ort";

/** The version of ONNX Runtime in use. */
export function runtimeVersion(): string {
  const { node, web, common } = ort.env.versions;
  return node ?? web ?? common;
}
