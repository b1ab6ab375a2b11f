/** Shows what a method fills in for the hidden parts of pictures, for people to look at. */
import { evaluationBox, evaluationView } from "../augment/evaluation-view.ts";
import type { Normalization } from "../augment/view-spec.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { Variables } from "../nn/variables.ts";
import type { Method } from "../objectives/method.ts";
import type { ViewGroup } from "../objectives/objective.ts";
import { dialectOf } from "../runtime/dialect.ts";
import { runOnce, type SessionOptions } from "../runtime/session.ts";
import {
  add,
  clip,
  compile,
  concat,
  constant,
  input,
  mul,
  type Program,
  scalar,
  type Tensor,
} from "../tensor/index.ts";
import { describeRun } from "./describe-run.ts";
import { embedContext, type StepOptions } from "./network.ts";
import type { RunConfig } from "./run-config.ts";
import { StepFeeds } from "./step-feeds.ts";
import type { Values } from "./values.ts";

/** Each `[n, 3, side, side]`, from 0 to 1. */
export interface ReconstructedPictures {
  side: number;
  original: Float32Array;
  masked: Float32Array;
  filled: Float32Array;
}

export interface ReconstructOptions extends SessionOptions {
  config: RunConfig;
  method: Method;
  /** All values of the run, by path. */
  values: Values;
  /** Indices of the pictures in the data set. */
  indices: Int32Array;
}

/** Whole pictures as a run's method sees them and fills them in; null if it does not fill in pictures. */
export async function reconstructPictures(
  dataset: PictureDataset,
  { config, method, values, indices, ...session }: ReconstructOptions,
): Promise<ReconstructedPictures | null> {
  const { plan, own, options } = describeRun(config, method);
  const dialect = await dialectOf(session);
  const atEnd = Object.entries(own).map(([name, schedule]) => [name, scalar(schedule(plan.steps - 1))]);
  const program = reconstruction({ ...options, dialect }, indices.length, Object.fromEntries(atEnd));
  if (program === null) return null;
  const pictures = new Uint8Array(indices.length * 3 * dataset.canvas ** 2);
  await dataset.readBatch(indices, pictures);
  const heights = Int32Array.from(indices, (i) => dataset.heights[i]!);
  const widths = Int32Array.from(indices, (i) => dataset.widths[i]!);
  const boxes = Float32Array.from([...heights].flatMap((height, i) => evaluationBox(height, widths[i]!)));
  // The masks are those of the first epoch. Views are not drawn.
  const feeds = new StepFeeds(config.seed, plan, {
    views: [],
    masks: [],
    draws: options.objective.draws,
    targets: [],
  });
  const drawn = feeds.of({ pictures, indices, heights, widths, start: 0, targets: {} }, 0);
  const results = await runOnce(program, { ...Object.fromEntries(values), ...drawn, boxes }, session);
  const { original, masked, filled } = results as Record<string, Float32Array>;
  return { side: config.imageSize, original: original!, masked: masked!, filled: filled! };
}

function reconstruction(
  options: StepOptions,
  count: number,
  scalars: Readonly<Record<string, Tensor>>,
): Program | null {
  const { objective, canvas, dialect } = options;
  if (objective.reconstruct === undefined) return null;
  const pictures = input("pictures", [count, 3, canvas, canvas], "uint8");
  const boxes = input("boxes", [count, 4]);
  const views = Object.fromEntries(
    objective.views.map((group) => [group.name, wholeViews(pictures, boxes, group)]),
  );
  const context = { count, variables: new Variables(), scalars, views, training: false };
  const { normalize } = objective.views[0]!.views[0]!;
  const made = Object.entries(objective.reconstruct(embedContext(options, context)));
  const shown = made.map(([name, tensor]) => [name, clip(denormalized(tensor, normalize), 0, 1)]);
  return compile(Object.fromEntries(shown), { name: "reconstruct", ...dialect });
}

/** Every view of a group as the whole picture, `[V·B, 3, S, S]`. */
function wholeViews(pictures: Tensor, boxes: Tensor, { views }: ViewGroup): Tensor {
  return concat(
    views.map(({ size, crop: { interpolation }, normalize }) =>
      evaluationView(pictures, boxes, { size, interpolation, normalize }),
    ),
  );
}

function denormalized(pictures: Tensor, normalize: Normalization | null): Tensor {
  if (normalize === null) return pictures;
  const perChannel = (values: readonly number[]) => constant(values, [3, 1, 1]);
  return add(mul(pictures, perChannel(normalize.std)), perChannel(normalize.mean));
}
