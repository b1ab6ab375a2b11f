/** The default number of threads. */
import { availableParallelism } from "node:os";
import { controlGroupProcessors } from "./control-groups.ts";
import { readSystemFile } from "./read-system-file.ts";

/**
 * The physical cores that this process may use, if the system shows them (Linux on x86); otherwise the
 * processors that it may use. Matrix products keep a core's arithmetic units busy, so a second thread on the
 * same core gains nothing and takes cache.
 */
export function physicalCores(read = readSystemFile): number {
  const usable = usableProcessors(read);
  return Math.min(usable, countCores(read("/proc/cpuinfo"), read("/proc/self/status")) ?? usable);
}

/**
 * The processors that this process may use: those it may run on, or the share of their time that its control
 * groups allow, as containers have. (Node 20 does not consider that share.)
 */
export function usableProcessors(read = readSystemFile): number {
  return Math.max(1, Math.floor(Math.min(availableParallelism(), ...controlGroupProcessors(read))));
}

/**
 * Different cores among the processors in `cpuinfo` that `status` allows; null if the two do not show them.
 *
 * @param cpuinfo `/proc/cpuinfo`: one paragraph for each processor, with `processor`, `physical id` and
 * `core id`.
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
