/** Limits of a process, as `ulimit` sets them. */
import type { ReadSystemFile } from "./read-system-file.ts";

/**
 * Each limit on memory, with the amount that the process uses of it. Address space (`ulimit -v`) also
 * includes memory that is reserved and never used, much of it by JavaScript's engine. So what is really left
 * of it may be less than it seems, and is never more.
 */
const LIMITS = [
  ["Max address space", "VmSize"],
  ["Max data size", "VmData"],
] as const;

/** The remaining bytes of each limit that is set. */
export function processRooms(read: ReadSystemFile): number[] {
  const [limits, status] = [read("/proc/self/limits"), read("/proc/self/status")];
  return LIMITS.flatMap(([limit, used]) => {
    const most = new RegExp(`^${limit} +(\\d+) `, "m").exec(limits);
    const kilobytes = new RegExp(`^${used}:\\s+(\\d+) kB$`, "m").exec(status);
    return most === null || kilobytes === null ? [] : [Number(most[1]) - Number(kilobytes[1]) * 1024];
  });
}
