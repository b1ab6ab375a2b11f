/** How much memory a job may take on this machine. */
import { readFileSync } from "node:fs";
import { freemem } from "node:os";

/** Bytes: what is free, or what is left of a limit that the process runs under, whichever is less. */
export function availableMemory(): number {
  const limit = process.constrainedMemory() ?? 0;
  const used = process.memoryUsage.rss();
  // Without a limit Node gives 0, or a number no machine has.
  const left = limit > 0 && limit < Number.MAX_SAFE_INTEGER ? limit - used : Number.POSITIVE_INFINITY;
  return Math.min(freeMemory(readText("/proc/meminfo")) ?? freemem(), Math.max(0, left));
}

/** `MemAvailable` of Linux's /proc/meminfo in bytes: caches that the system would give up count as free. */
export function freeMemory(meminfo: string): number | null {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo);
  return found === null ? null : Number(found[1]) * 1024;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
