/** Limits of a process, as `ulimit` sets them. */
import type { ReadSystemFile } from "./read-system-file.ts";

/**
 * Each limit on memory, with what the process has of it. Address space (`ulimit -v`) is also taken by what is
 * reserved and never used, much of it by JavaScript's engine: what is left of it may be less than it seems,
 * and is never more.
 */
const LIMITS = [
  ["Max address space", "VmSize"],
  ["Max data size", "VmData"],
] as const;

/** Bytes that are left of each limit there is. */
export function processRooms(read: ReadSystemFile): number[] {
  const [limits, status] = [read("/proc/self/limits"), read("/proc/self/status")];
  return LIMITS.flatMap(([limit, used]) => {
    const most = new RegExp(`^${limit} +(\\d+) `, "m").exec(limits);
    const kilobytes = new RegExp(`^${used}:\\s+(\\d+) kB$`, "m").exec(status);
    return most === null || kilobytes === null ? [] : [Number(most[1]) - Number(kilobytes[1]) * 1024];
  });
}
