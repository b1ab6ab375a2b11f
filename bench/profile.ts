/** The time of our own step by operator and by layer, from ONNX Runtime's profile. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareStep } from "./afterimage-step.ts";
import type { BenchCase } from "./cases.ts";
import { alignColumns } from "./table.ts";

/** An event of the profile in ONNX Runtime's format. */
interface ProfileEvent {
  cat: string;
  name: string;
  /** Microseconds. */
  ts: number;
  dur: number;
  args: { op_name?: string };
}

export interface ProfileEntry {
  name: string;
  /** Milliseconds of a step. */
  ms: number;
  /** Share of all kernels. */
  share: number;
  /** Nodes in a step. */
  count: number;
}

export interface StepProfile {
  case: string;
  /** Milliseconds of a profiled step, by the clock. */
  stepMs: number;
  /** Milliseconds of kernels in a step. */
  kernelMs: number;
  operators: ProfileEntry[];
  /** A layer's backward pass has its own name, which ends in `.grad`. */
  layers: ProfileEntry[];
}

/** Runs a few steps of a case under the runtime's profiler. */
export async function profileCase(
  benchCase: BenchCase,
  { threads, runs, warmup }: { threads: number; runs: number; warmup: number },
): Promise<StepProfile> {
  const folder = mkdtempSync(join(tmpdir(), "afterimage-profile-"));
  try {
    const step = await prepareStep(benchCase, threads, join(folder, "profile"));
    for (let i = 0; i < warmup; i++) await step.step();
    const start = performance.now();
    for (let i = 0; i < runs; i++) await step.step();
    const stepMs = (performance.now() - start) / runs;
    await step.dispose();
    const [file] = readdirSync(folder);
    const events = JSON.parse(readFileSync(join(folder, file!), "utf8")) as ProfileEvent[];
    return { case: benchCase.name, stepMs, ...summarize(events, runs) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function summarize(events: readonly ProfileEvent[], runs: number) {
  const begins = events.filter(({ name }) => name === "model_run").map(({ ts }) => ts);
  const from = begins.sort((a, b) => a - b).at(-runs)!;
  const kernels = events.filter(({ cat, name, ts }) => cat === "Node" && ts >= from && name.endsWith(KERNEL));
  const total = kernels.reduce((sum, { dur }) => sum + dur, 0);
  const by = (key: (event: ProfileEvent) => string) => group(kernels, key, { total, runs });
  return {
    kernelMs: total / 1000 / runs,
    operators: by(({ args }) => args.op_name ?? "?"),
    layers: by(({ name }) => name.slice(0, -KERNEL.length).split("/")[0]! || "(optimiser and loss)"),
  };
}

const KERNEL = "_kernel_time";

function group(
  events: readonly ProfileEvent[],
  key: (event: ProfileEvent) => string,
  { total, runs }: { total: number; runs: number },
): ProfileEntry[] {
  const groups = new Map<string, { us: number; count: number }>();
  for (const event of events) {
    const entry = groups.get(key(event)) ?? { us: 0, count: 0 };
    groups.set(key(event), { us: entry.us + event.dur, count: entry.count + 1 });
  }
  return [...groups]
    .map(([name, { us, count }]) => ({ name, ms: us / 1000 / runs, share: us / total, count: count / runs }))
    .sort((a, b) => b.ms - a.ms);
}

const SHOWN = 24;

export function profileText({ case: name, stepMs, kernelMs, operators, layers }: StepProfile): string {
  const rows = (title: string, entries: readonly ProfileEntry[]) => [
    [title, "ms", "share", "nodes", ""],
    ...entries
      .slice(0, SHOWN)
      .map((entry) => [
        entry.name,
        entry.ms.toFixed(1),
        `${(100 * entry.share).toFixed(1)} %`,
        `${entry.count}`,
        "",
      ]),
  ];
  return [
    `${name}: ${stepMs.toFixed(0)} ms a step while profiled, ${kernelMs.toFixed(0)} ms of them in kernels`,
    ...alignColumns(rows("operator", operators)),
    "",
    ...alignColumns(rows("layer", layers)),
  ].join("\n");
}
