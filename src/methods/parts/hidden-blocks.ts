/** Square blocks of a picture that are hidden as a whole (SimMIM). */

import { AfterimageError } from "../../errors.ts";
import type { Draw } from "../../objectives/draw.ts";
import type { Situation } from "../../objectives/situation.ts";
import { optionName } from "../../options/option-name.ts";
import type { RandomStream } from "../../random/random-stream.ts";
import { gridSide } from "./patch-grid.ts";

export interface HiddenBlocksOptions {
  /** Side of a block, in pixels. */
  maskUnit: number;
  /** Share of hidden blocks. */
  maskRatio: number;
}

/**
 * Draws which patches are hidden, under the name `hidden`: float32 `[B, N]`, 1 for hidden ones.
 *
 * @throws AfterimageError `method/settings` for blocks that do not divide the picture into whole patches.
 */
export function hiddenBlocksDraw({ maskUnit, maskRatio }: HiddenBlocksOptions, situation: Situation): Draw {
  requireWholeUnits(maskUnit, situation);
  return {
    name: "hidden",
    stage: "embed",
    per: "picture",
    dtype: "float32",
    shape: (pictures) => [pictures, gridSide(situation) ** 2],
    fill: (out, random) => hideBlocks(out, random, maskUnit / situation.multipleOf, maskRatio),
  };
}

/**
 * Hides a share of blocks of `unit` × `unit` patches: 1 for their patches, 0 elsewhere (the authors'
 * `MaskGenerator`).
 */
export function hideBlocks(
  out: Float32Array | Int32Array,
  random: RandomStream,
  unit: number,
  ratio: number,
): void {
  const side = Math.sqrt(out.length);
  const blocks = side / unit;
  const order = random.permutation(blocks ** 2);
  for (const block of order.slice(0, Math.ceil(ratio * blocks ** 2))) {
    const [top, left] = [Math.floor(block / blocks) * unit, (block % blocks) * unit];
    for (let row = top; row < top + unit; row++) out.fill(1, row * side + left, row * side + left + unit);
  }
}

function requireWholeUnits(maskUnit: number, { imageSize, multipleOf }: Situation): void {
  if (maskUnit % multipleOf === 0 && imageSize % maskUnit === 0) return;
  throw new AfterimageError("method/settings", {
    what: "blocks of this size do not divide the picture into whole patches",
    where: optionName("settings.maskUnit"),
    expected: `a multiple of the patch, ${multipleOf} pixels, that divides the image size, ${imageSize}`,
    got: `${maskUnit}`,
    todo: "Leave it out, or choose another size of blocks, patches or pictures.",
  });
}
