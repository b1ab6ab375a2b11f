import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const HEARTBEAT_FILE = "alive";
/** A build shows itself once in so many milliseconds. */
export const BEAT_MS = 1000;

/**
 * Shows that a half-built cache is being built, to those who can know nothing of its process: a number that
 * changes, in a file. Who wants to know watches it for a while by his own timer, so that nobody's clock has a
 * part in it.
 *
 * @returns what ends it.
 */
export function beginHeartbeat(folder: string, milliseconds = BEAT_MS): () => void {
  let count = 0;
  const beat = () => {
    count++;
    try {
      writeFileSync(join(folder, HEARTBEAT_FILE), String(count));
    } catch {
      // A full disk is told of by what has more to write, and so is a folder that was taken.
    }
  };
  beat();
  const timer = setInterval(beat, milliseconds).unref();
  return () => clearInterval(timer);
}

/** What the last beat left; the same again and again when there is none. */
export function readHeartbeat(folder: string): string {
  try {
    return readFileSync(join(folder, HEARTBEAT_FILE), "utf8");
  } catch {
    return "";
  }
}
