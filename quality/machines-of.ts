/** The machines that results come from. A processor counts, not the release of its system. */
import type { Result } from "./result.ts";

type Where = Pick<Result, "machine" | "threads">;

/** Each once, in the order of their names. */
export function machinesOf(results: readonly Where[]): string[] {
  return [...new Set(results.map(machineOf))].sort();
}

export function machineOf({ machine: { cpu, cores }, threads }: Where): string {
  return `${cpu}, ${cores} cores, ${threads} threads`;
}

/** What a table calls a machine: a, b, … */
export function letter(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}
