/** The memory that a job may take on this machine. */
import { freemem } from "node:os";
import { controlGroupRooms } from "./control-groups.ts";
import { processRooms } from "./process-limits.ts";
import { readSystemFile } from "./read-system-file.ts";

/** Bytes: the free memory, or the rest of a limit on the process if that is less. */
export function availableMemory(read = readSystemFile): number {
  const free = freeMemory(read("/proc/meminfo")) ?? freemem();
  return Math.max(0, Math.min(free, ...controlGroupRooms(read), ...processRooms(read)));
}

/** `MemAvailable` of Linux's /proc/meminfo in bytes: caches that the system would give up count as free. */
export function freeMemory(meminfo: string): number | null {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo);
  return found === null ? null : Number(found[1]) * 1024;
}
