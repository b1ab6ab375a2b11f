/** How many threads to compute with when nobody says. */
import { availableParallelism } from "node:os";
import { controlGroupProcessors } from "./control-groups.ts";
import { readSystemFile } from "./read-system-file.ts";

/**
 * Physical cores that this process may use, where the system tells (Linux on x86); else the processors it may
 * use. Matrix products fill a core's arithmetic units, so a second thread on the same core gains nothing and
 * costs cache.
 */
export function physicalCores(read = readSystemFile): number {
  const usable = usableProcessors(read);
  return Math.min(usable, countCores(read("/proc/cpuinfo"), read("/proc/self/status")) ?? usable);
}

/**
 * Processors that this process may use: those it is allowed on, or the share of their time that its control
 * groups leave it, which containers are given. (Node 20 does not look at that share.)
 */
export function usableProcessors(read = readSystemFile): number {
  return Math.max(1, Math.floor(Math.min(availableParallelism(), ...controlGroupProcessors(read))));
}

/**
 * Different cores among the processors in `cpuinfo` that `status` allows; null where the two do not tell.
 *
 * @param cpuinfo `/proc/cpuinfo`: a paragraph a processor, with `processor`, `physical id` and `core id`.
 * @param status `/proc/self/status`, with `Cpus_allowed_list`.
 */
export function countCores(cpuinfo: string, status: string): number | null {
  const allowed = allowedProcessors(status);
  const cores = new Set<string>();
  for (const paragraph of cpuinfo.split(/\n\s*\n/)) {
    const field = (name: string) => new RegExp(`^${name}\\s*: *(\\d+)$`, "m").exec(paragraph)?.[1];
    const [processor, socket, core] = ["processor", "physical id", "core id"].map(field);
    if (processor === undefined) continue;
    if (socket === undefined || core === undefined) return null;
    if (allowed === null || allowed(Number(processor))) cores.add(`${socket}:${core}`);
  }
  return cores.size === 0 ? null : cores.size;
}

/** "0-3,8" as a test of numbers. */
function allowedProcessors(status: string): ((processor: number) => boolean) | null {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status)?.[1];
  if (list === undefined) return null;
  const ranges = list.split(",").map((range) => range.split("-").map(Number));
  return (processor) => ranges.some(([first, last = first]) => processor >= first! && processor <= last!);
}
