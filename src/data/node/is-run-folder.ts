import { readFileSync } from "node:fs";
import { type BytePath, forFs, joinPath } from "./byte-path.ts";
import { utf8Bytes } from "./utf8-bytes.ts";

/**
 * Whether a folder with these names in it was made by pre-training. A run's own files, such as its
 * reconstructions, are no pictures to learn from. False for a folder that cannot be read.
 */
export function isRunFolder(path: BytePath, names: readonly string[]): boolean {
  if (!names.includes("config.json") || !names.includes("checkpoints")) return false;
  try {
    const config = JSON.parse(utf8Bytes(readFileSync(forFs(joinPath(path, "config.json")))).toString("utf8"));
    const { version, method, backbone, data } = config as Record<string, Record<string, unknown> | undefined>;
    return (
      version !== undefined && isText(method?.name) && isText(backbone?.name) && isText(data?.fingerprint)
    );
  } catch {
    return false;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
