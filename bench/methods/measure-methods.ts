/**
 * What a method costs beside what it must compute: its step over one plain forward and backward pass of its views, in time,
 * memory and floating-point operations. Time beyond the operations is overhead.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { METHODS } from "../../src/methods/index.ts";
import { alignColumns, median } from "../table.ts";
import type { MethodWork } from "./method-case.ts";

export interface MethodRow {
  method: string;
  stepMs: number;
  plainMs: number;
  peakMb: number;
  plainPeakMb: number;
  /** Operations of the step as a multiple of those of the plain pass. */
  flops: number;
  /** Time as a multiple of the plain pass, over the same of operations. */
  overhead: number;
}

export function measureMethods(
  { threads, runs }: { threads: number; runs: number },
  onRow: (row: MethodRow) => void,
): MethodRow[] {
  return METHODS.map(({ name }) => {
    const [step, plain] = (["step", "plain"] as const).map((kind) => workOf(name, kind, { threads, runs }));
    const [stepMs, plainMs] = [median(step!.ms), median(plain!.ms)];
    const flops = step!.flops / plain!.flops;
    const row = {
      ...{ method: name, stepMs, plainMs, flops, overhead: stepMs / plainMs / flops },
      ...{ peakMb: step!.peakMb, plainPeakMb: plain!.peakMb },
    };
    onRow(row);
    return row;
  });
}

function workOf(
  method: string,
  kind: "step" | "plain",
  { threads, runs }: { threads: number; runs: number },
): MethodWork {
  const file = fileURLToPath(new URL("method-work.ts", import.meta.url));
  const args = ["--import", "tsx", file, method, kind, `${threads}`, `${runs}`];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${method} (${kind}) could not be timed: ${stderr.trim()}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as MethodWork;
}

export function methodTable(rows: readonly MethodRow[]): string {
  const head = ["method", "step ms", "plain ms", "× plain", "operations", "overhead", "MB", "× plain"];
  const body = rows.map((row) => [
    row.method,
    row.stepMs.toFixed(0),
    row.plainMs.toFixed(0),
    (row.stepMs / row.plainMs).toFixed(2),
    row.flops.toFixed(2),
    row.overhead.toFixed(2),
    row.peakMb.toFixed(0),
    (row.peakMb / row.plainPeakMb).toFixed(2),
  ]);
  return alignColumns([head, ...body]).join("\n");
}
