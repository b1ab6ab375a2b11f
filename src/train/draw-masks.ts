/**
 * Masks such as dropout's, drawn on the host. Each row is drawn by its place, so that splitting a batch does
 * not change it.
 */
import type { MaskDraw } from "../nn/variables.ts";
import { randomStream } from "../random/random-stream.ts";

/**
 * Masks by name, for one step.
 *
 * @param placeOf the place of a row in the whole batch; by default the row itself.
 */
export function drawMasks(
  masks: readonly MaskDraw[],
  seed: number,
  step: number,
  placeOf: (row: number) => number = (row) => row,
): Record<string, Float32Array> {
  return Object.fromEntries(
    masks.map(({ name, shape, keep }) => {
      const width = shape.slice(1).reduce((size, axis) => size * axis, 1);
      const mask = new Float32Array(shape[0]! * width);
      for (let row = 0; row < shape[0]!; row++) {
        const random = randomStream(seed, name, step, placeOf(row));
        for (let i = 0; i < width; i++) mask[row * width + i] = random.chance(keep) ? 1 / keep : 0;
      }
      return [name, mask];
    }),
  );
}
