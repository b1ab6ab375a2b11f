/** What the host draws for a step: views, masks, a method's own. Drawn by picture, so that no splitting changes them. */
import { drawViewParameters, PARAMETER_COUNT } from "../augment/view-parameters.ts";
import type { BatchPart } from "../data/loader.ts";
import type { Draw } from "../methods/draw.ts";
import type { Plan, ViewGroup } from "../methods/method.ts";
import type { MaskDraw } from "../nn/variables.ts";
import { randomStream } from "../random/random-stream.ts";
import type { Feeds } from "../runtime/session.ts";
import { sizeOf } from "../tensor/index.ts";
import { DRAW } from "./network.ts";

/** What there is to draw. */
export interface DrawnForStep {
  groups: readonly ViewGroup[];
  masks: readonly MaskDraw[];
  draws: readonly Draw[];
}

export class StepFeeds {
  readonly #seed: number;
  readonly #plan: Plan;
  readonly #groups: readonly ViewGroup[];
  readonly #masks: readonly MaskDraw[];
  readonly #draws: readonly Draw[];

  constructor(seed: number, plan: Plan, { groups, masks, draws }: DrawnForStep) {
    this.#seed = seed;
    this.#plan = plan;
    this.#groups = groups;
    this.#masks = masks;
    this.#draws = draws;
  }

  /** Pictures, views, masks and draws of a part of a step's batch (0-based `step` of the run). */
  of(part: BatchPart, step: number): Feeds {
    const { pictures, indices, start } = part;
    const drawn = this.#drawFeeds("embed", indices, { step, start });
    return { pictures, ...this.#views(part, step), ...this.#maskFeeds(part, step), ...drawn };
  }

  /** What is drawn for the loss of a whole batch. */
  ofLoss(indices: Int32Array, step: number): Feeds {
    return this.#drawFeeds("loss", indices, { step, start: 0 });
  }

  #drawFeeds(stage: Draw["stage"], indices: Int32Array, at: { step: number; start: number }): Feeds {
    const epoch = Math.floor(at.step / this.#plan.stepsPerEpoch);
    const own = this.#draws.filter((draw) => draw.stage === stage);
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

  #views(part: BatchPart, step: number): Record<string, Float32Array> {
    const epoch = Math.floor(step / this.#plan.stepsPerEpoch);
    const feeds: Record<string, Float32Array> = {};
    for (const { name, views } of this.#groups) {
      for (const [index, spec] of views.entries()) {
        const parameters = new Float32Array(part.indices.length * PARAMETER_COUNT);
        for (const [row, picture] of part.indices.entries()) {
          const random = randomStream(this.#seed, `view/${name}.${index}`, epoch, picture);
          const size = { height: part.heights[row]!, width: part.widths[row]! };
          drawViewParameters(spec, size, random, parameters, row * PARAMETER_COUNT);
        }
        feeds[`view:${name}.${index}`] = parameters;
      }
    }
    return feeds;
  }

  /** The rows of a mask are views of pictures, `[V·b, …]`: each is drawn by its view and its place in the batch. */
  #maskFeeds(part: BatchPart, step: number): Record<string, Float32Array> {
    const count = part.indices.length;
    return Object.fromEntries(
      this.#masks.map(({ name, shape, keep }) => {
        const width = shape.slice(1).reduce((size, axis) => size * axis, 1);
        const mask = new Float32Array(shape[0]! * width);
        for (let row = 0; row < shape[0]!; row++) {
          const place = Math.floor(row / count) * this.#plan.batchSize + part.start + (row % count);
          const random = randomStream(this.#seed, name, step, place);
          for (let i = 0; i < width; i++) mask[row * width + i] = random.chance(keep) ? 1 / keep : 0;
        }
        return [name, mask];
      }),
    );
  }
}
