/** Trains the three bounds on Gaussians of known mutual information, and draws what they estimate. */
import { writeFileWhole } from "afterimage/train/node";
import { type BoundsFile, newBoundsFile, readBounds, writeBounds } from "./bounds-file.ts";
import { boundsFigure } from "./figure.ts";
import { BOUND_LINES, boundsTable } from "./summary.ts";
import { type BoundSettings, type BoundTask, trainBound } from "./train-bound.ts";

/** Nats that x and y share. */
const TRUTHS = [1, 2, 3, 4, 6, 8, 10];
const SEEDS = [0, 1, 2];

export const BOUND_SETTINGS: BoundSettings = {
  dims: 20,
  width: 32,
  steps: 2000,
  learningRate: 3e-3,
  judged: 300,
  threads: 1,
};

export interface RunBoundsOptions {
  /** The file of results. */
  results: string;
  /** The figure, an SVG. */
  figure: string;
  seeds: readonly number[] | null;
  /** Whether critics that have an estimate are trained again. */
  force: boolean;
  /** Whether nothing is trained. */
  reportOnly: boolean;
  log(line: string): void;
}

/** Writes the results after every critic, so that a call that is stopped can be continued. */
export async function runBounds({ results, figure, ...options }: RunBoundsOptions): Promise<void> {
  const before = options.force ? null : await readBounds(results);
  const file = isOf(before, BOUND_SETTINGS) ? before : newBoundsFile(BOUND_SETTINGS);
  const tasks = options.reportOnly ? [] : missing(file, options.seeds ?? SEEDS);
  for (const [turn, task] of tasks.entries()) {
    const estimate = await trainBound(task, BOUND_SETTINGS);
    file.estimates.push({ ...task, ...estimate });
    await writeBounds(results, file);
    const { bound, information, batch, seed } = task;
    const found = `${estimate.mean.toFixed(2)} ± ${estimate.deviation.toFixed(2)}`;
    options.log(
      `${turn + 1} of ${tasks.length}  ${bound}, ${information} nats, N = ${batch}, seed ${seed}: ${found}`,
    );
  }
  await writeFileWhole(figure, boundsFigure(file));
  options.log(`${boundsTable(file.estimates)}\n\n${results}, ${figure}`);
}

function isOf(file: BoundsFile | null, settings: BoundSettings): file is BoundsFile {
  return file !== null && JSON.stringify(file.settings) === JSON.stringify(settings);
}

/** The critics that have no estimate yet, seed by seed. */
function missing({ estimates }: BoundsFile, seeds: readonly number[]): BoundTask[] {
  const trained = BOUND_LINES.filter(({ isTransferred }) => !isTransferred);
  const all = seeds.flatMap((seed) =>
    TRUTHS.flatMap((information) => trained.map(({ bound, batch }) => ({ bound, information, batch, seed }))),
  );
  const key = ({ bound, information, batch, seed }: BoundTask) => `${bound}/${information}/${batch}/${seed}`;
  const done = new Set(estimates.map(key));
  return all.filter((task) => !done.has(key(task)));
}
