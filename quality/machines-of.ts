/** The machines of results: the processor distinguishes them, and the version of the system does not. */
import type { Result } from "./result.ts";

type Where = Pick<Result, "machine" | "threads">;

/** Each machine once, in the order of their names. */
export function machinesOf(results: readonly Where[]): string[] {
  return [...new Set(results.map(machineOf))].sort();
}

export function machineOf({ machine: { cpu, cores }, threads }: Where): string {
  return `${cpu}, ${cores} cores, ${threads} threads`;
}

/** The letter of a machine in tables: a, b, … */
export function letter(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}
