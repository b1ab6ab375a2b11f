/**
 * The cost of a method beyond its necessary operations: its step compared with one plain forward and backward
 * pass of its views, in time, memory and floating-point operations. Time beyond the operations is overhead.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { METHODS } from "afterimage/methods";
import { PeerProcess, REST } from "../peer-process.ts";
import { RUN_SOURCE } from "../run-source.ts";
import { alignColumns, median } from "../table.ts";
import type { MethodDescription } from "./method-case.ts";

export interface MethodRow {
  method: string;
  stepMs: number;
  plainMs: number;
  /** Time as a multiple of the adjacent plain pass, the median of all pairs. */
  time: number;
  /** Operations of the step as a multiple of those of the plain pass. */
  flops: number;
  /** `time` over `flops`. */
  overhead: number;
  peakMb: number;
  plainPeakMb: number;
}

export interface MethodOptions {
  threads: number;
  /** Timed steps of each. */
  runs: number;
  /** Warm-up steps. */
  warmup: number;
}

export async function measureMethods(
  options: MethodOptions,
  onRow: (row: MethodRow) => void,
): Promise<MethodRow[]> {
  const rows: MethodRow[] = [];
  for (const { name } of METHODS) {
    const row = await measureMethod(name, options);
    onRow(row);
    rows.push(row);
  }
  return rows;
}

/** The method's step and the plain pass take turns, so a slowdown of the machine affects both. */
async function measureMethod(method: string, { threads, runs, warmup }: MethodOptions): Promise<MethodRow> {
  const both: PeerProcess[] = [];
  try {
    for (const kind of ["step", "plain"]) {
      const one = await PeerProcess.start(specOf(method, kind, threads), { python: "", threads });
      both.push(one);
      await one.ask({ cmd: "step", count: warmup });
    }
    const ms: [number[], number[]] = [[], []];
    for (let run = 0; run < runs; run++) {
      for (const turn of [run % 2, 1 - (run % 2)]) {
        await sleep(REST);
        ms[turn]!.push(...(await both[turn]!.ask({ cmd: "step", count: 1 })).ms);
      }
    }
    const peaks = [];
    for (const one of both) peaks.push((await one.ask({ cmd: "memory" })).peakBytes / 1e6);
    return rowOf(method, ms, peaks as [number, number], both);
  } finally {
    for (const one of both) await one.quit();
  }
}

function specOf(method: string, kind: string, threads: number) {
  const file = fileURLToPath(new URL("method-work.ts", import.meta.url));
  const words = [...RUN_SOURCE, file, method, kind, `${threads}`];
  return { name: `${method} (${kind})`, command: () => [process.execPath, ...words] };
}

function rowOf(
  method: string,
  [step, plain]: [number[], number[]],
  [peakMb, plainPeakMb]: [number, number],
  both: readonly PeerProcess[],
): MethodRow {
  const [whole, part] = both.map(({ description }) => (description as MethodDescription).flops);
  const time = median(step.map((ms, run) => ms / plain[run]!));
  const flops = whole! / part!;
  return {
    ...{ method, stepMs: median(step), plainMs: median(plain), time, flops, overhead: time / flops },
    ...{ peakMb, plainPeakMb },
  };
}

export function methodTable(rows: readonly MethodRow[]): string {
  const head = ["method", "step ms", "plain ms", "× plain", "operations", "overhead", "MB", "× plain"];
  const body = rows.map((row) => [
    row.method,
    row.stepMs.toFixed(0),
    row.plainMs.toFixed(0),
    row.time.toFixed(2),
    row.flops.toFixed(2),
    row.overhead.toFixed(2),
    row.peakMb.toFixed(0),
    (row.peakMb / row.plainPeakMb).toFixed(2),
  ]);
  return alignColumns([head, ...body]).join("\n");
}
