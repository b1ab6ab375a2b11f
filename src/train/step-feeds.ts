/**
 * The numbers that the host draws for a step: views, masks, a method's own. They are drawn by picture, so
 * that splitting a batch does not change them.
 */
import { drawViewParameters, PARAMETER_COUNT } from "../augment/view-parameters.ts";
import type { BatchPart } from "../data/loader.ts";
import type { MaskDraw } from "../nn/variables.ts";
import type { Draw } from "../objectives/draw.ts";
import type { ViewGroup } from "../objectives/objective.ts";
import type { Plan } from "../objectives/situation.ts";
import type { Target } from "../objectives/target.ts";
import { randomStream } from "../random/random-stream.ts";
import type { Feeds } from "../runtime/session.ts";
import { sizeOf } from "../tensor/index.ts";
import { drawMasks } from "./draw-masks.ts";
import type { LossPictures } from "./forms/step-form.ts";
import { DRAW, TARGET, VIEW } from "./graph-names.ts";

/** The kinds of inputs of a step. */
export interface FedToStep {
  views: readonly ViewGroup[];
  masks: readonly MaskDraw[];
  draws: readonly Draw[];
  targets: readonly Target[];
}

export class StepFeeds {
  readonly #seed: number;
  readonly #plan: Plan;
  readonly #views: readonly ViewGroup[];
  readonly #masks: readonly MaskDraw[];
  readonly #draws: readonly Draw[];
  readonly #targets: readonly Target[];

  constructor(seed: number, plan: Plan, { views, masks, draws, targets }: FedToStep) {
    this.#seed = seed;
    this.#plan = plan;
    this.#views = views;
    this.#masks = masks;
    this.#draws = draws;
    this.#targets = targets;
  }

  /**
   * Pictures, views, masks, draws and masks of pixels of a part of a step's batch (0-based `step` of the
   * run).
   */
  of(part: BatchPart, step: number): Feeds {
    const { pictures, indices, start } = part;
    const drawn = this.#drawFeeds(["embed", "both"], indices, { step, start });
    const targets = this.#targetFeeds("pixel", part.targets);
    return { pictures, ...this.#viewFeeds(part, step), ...this.#maskFeeds(part, step), ...drawn, ...targets };
  }

  /** Draws and rows of targets for the loss of a batch, or of a part of it. */
  ofLoss({ indices, start, targets }: LossPictures, step: number): Feeds {
    return {
      ...this.#drawFeeds(["loss"], indices, { step, start }),
      ...this.#targetFeeds("picture", targets),
    };
  }

  #targetFeeds(per: Target["per"], arrays: BatchPart["targets"]): Feeds {
    const own = this.#targets.filter((target) => target.per === per);
    return Object.fromEntries(own.map(({ name }) => [`${TARGET}${name}`, arrays[name]!]));
  }

  #drawFeeds(
    stages: readonly Draw["stage"][],
    indices: Int32Array,
    at: { step: number; start: number },
  ): Feeds {
    const epoch = Math.floor(at.step / this.#plan.stepsPerEpoch);
    const own = this.#draws.filter(({ stage }) => stages.includes(stage));
    return Object.fromEntries(
      own.map(({ name, per, dtype, shape, fill }) => {
        const size = sizeOf(shape(indices.length));
        const out = dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
        const stream = `draw/${name}`;
        if (per === "part") fill(out, randomStream(this.#seed, stream, at.step, at.start), -1);
        else {
          const width = size / indices.length;
          for (const [row, picture] of indices.entries()) {
            const random = randomStream(this.#seed, stream, epoch, picture);
            fill(out.subarray(row * width, (row + 1) * width), random, picture);
          }
        }
        return [`${DRAW}${name}`, out];
      }),
    );
  }

  #viewFeeds(part: BatchPart, step: number): Record<string, Float32Array> {
    const epoch = Math.floor(step / this.#plan.stepsPerEpoch);
    const feeds: Record<string, Float32Array> = {};
    for (const { name, views } of this.#views) {
      for (const [index, spec] of views.entries()) {
        const parameters = new Float32Array(part.indices.length * PARAMETER_COUNT);
        for (const [row, picture] of part.indices.entries()) {
          const random = randomStream(this.#seed, `view/${name}.${index}`, epoch, picture);
          const size = { height: part.heights[row]!, width: part.widths[row]! };
          drawViewParameters(spec, size, random, parameters, row * PARAMETER_COUNT);
        }
        feeds[`${VIEW}${name}.${index}`] = parameters;
      }
    }
    return feeds;
  }

  /**
   * The rows of a mask are views of pictures, `[V·b, …]`: each row is drawn by its view and its place in the
   * batch.
   */
  #maskFeeds({ indices, start }: BatchPart, step: number): Record<string, Float32Array> {
    const count = indices.length;
    const placeOf = (row: number) => Math.floor(row / count) * this.#plan.batchSize + start + (row % count);
    return drawMasks(this.#masks, this.#seed, step, placeOf);
  }
}
