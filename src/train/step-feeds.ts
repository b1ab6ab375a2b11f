/** What the host draws for a step: parameters of views, masks. Drawn by picture, so that no splitting changes them. */
import { drawViewParameters, PARAMETER_COUNT } from "../augment/view-parameters.ts";
import type { BatchPart } from "../data/loader.ts";
import type { Plan, ViewGroup } from "../methods/method.ts";
import type { MaskDraw } from "../nn/variables.ts";
import { randomStream } from "../random/random-stream.ts";
import type { Feeds } from "../runtime/session.ts";

export class StepFeeds {
  readonly #seed: number;
  readonly #plan: Plan;
  readonly #groups: readonly ViewGroup[];
  readonly #masks: readonly MaskDraw[];

  constructor(seed: number, plan: Plan, groups: readonly ViewGroup[], masks: readonly MaskDraw[]) {
    this.#seed = seed;
    this.#plan = plan;
    this.#groups = groups;
    this.#masks = masks;
  }

  /** Pictures, views and masks of a part of a step's batch (0-based `step` of the run). */
  of(part: BatchPart, step: number): Feeds {
    return { pictures: part.pictures, ...this.#views(part, step), ...this.#maskFeeds(part, step) };
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
