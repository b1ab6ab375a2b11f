/** What the bits of a result depend on beside the configuration. */
import { readFileSync } from "node:fs";
import { runtimeVersion } from "../runtime/runtime-version.ts";
import type { Environment } from "../train/run-config.ts";

export function environmentOf(threads: number): Environment {
  return { threads, afterimage: packageVersion(), onnxruntime: runtimeVersion() };
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
