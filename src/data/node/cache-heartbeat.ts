import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const HEARTBEAT_FILE = "alive";
/** The time between two beats of a build, in milliseconds. */
export const BEAT_MS = 1000;

/**
 * Shows that a half-built cache is being built, to processes that cannot see this process: a number in a file
 * that changes. An observer watches it for a while by its own timer, so that clocks do not matter.
 *
 * @returns a function that ends it.
 */
export function beginHeartbeat(folder: string, milliseconds = BEAT_MS): () => void {
  let count = 0;
  const beat = () => {
    count++;
    try {
      writeFileSync(join(folder, HEARTBEAT_FILE), String(count));
    } catch {
      // A full disk, or a folder that was taken, is reported by the next write that fails.
    }
  };
  beat();
  const timer = setInterval(beat, milliseconds).unref();
  return () => clearInterval(timer);
}

/** The last beat; it does not change if there is no builder. */
export function readHeartbeat(folder: string): string {
  try {
    return readFileSync(join(folder, HEARTBEAT_FILE), "utf8");
  } catch {
    return "";
  }
}
