/** Draws the patches that are hidden from the student in global crops, for iBOT and DINOv2. */
import { zeros } from "../../nn/initializers.ts";
import { oneHot } from "../../nn/pick-tokens.ts";
import type { Scope } from "../../nn/scope.ts";
import type { Draw } from "../../objectives/draw.ts";
import type { Situation } from "../../objectives/situation.ts";
import type { RandomStream } from "../../random/random-stream.ts";
import { cast, greaterEqual, maximum, reshape, sum, type Tensor, transpose } from "../../tensor/index.ts";
import { blockMask } from "./block-mask.ts";
import { GLOBAL_CROPS } from "./multi-crop.ts";
import { gridSide } from "./patch-grid.ts";

export interface HidingOptions {
  /** Share of the global crops that have hidden patches. */
  maskProbability: number;
  /** Least and largest share of a crop's patches that are hidden, if any are. */
  maskRatio: readonly [number, number];
}

/** The least area of a block, by the number of patches along a side. */
type LeastBlock = (side: number) => number;

/**
 * Draws places of hidden patches: int32 `[B, 2, n]`, ascending, padded with -1. n is the largest possible
 * number.
 */
export function hiddenPatchesDraw(
  { maskProbability, maskRatio }: HidingOptions,
  situation: Situation,
  leastBlock: LeastBlock,
): Draw {
  const side = gridSide(situation);
  const most = Math.max(1, Math.floor(Math.max(...maskRatio) * side ** 2));
  return {
    ...{ name: "hidden", stage: "embed", per: "picture", dtype: "int32" },
    shape: (pictures) => [pictures, GLOBAL_CROPS, most],
    fill(out, random) {
      out.fill(-1);
      for (const crop of cropsToHideFrom(maskProbability, random)) {
        const wanted = Math.floor(random.uniform(...maskRatio) * side ** 2);
        out.set(blockMask({ grid: [side, side], wanted, least: leastBlock(side) }, random), crop * most);
      }
    },
  };
}

/** Random crops of a picture, `2 · probability` on average: at 1/2 always one of the two. */
function cropsToHideFrom(probability: number, random: RandomStream): Int32Array {
  const count = Math.floor(GLOBAL_CROPS * probability + random.uniform());
  return random.permutation(GLOBAL_CROPS).subarray(0, count);
}

export interface HiddenPatches {
  /** 1 where a patch is hidden, float32 `[2B, N]`, view-major. */
  where: Tensor;
  /** Places of the hidden patches, int32 `[2B, n]`, padded with 0. */
  places: Tensor;
  /** 1 for hidden patches and 0 for padding, float32 `[2B, n]`. */
  counted: Tensor;
}

/**
 * @param drawn by {@link hiddenPatchesDraw}, `[B, 2, n]`.
 * @param patches N, the number of patches of a crop.
 */
export function hiddenPatches(drawn: Tensor, patches: number): HiddenPatches {
  const [b, crops, n] = drawn.shape as [number, number, number];
  const places = reshape(transpose(drawn, [1, 0, 2]), [crops * b, n]);
  return {
    where: sum(oneHot(places, patches), [1]),
    places: maximum(places, 0),
    counted: cast(greaterEqual(places, 0), "float32"),
  };
}

/** The token that replaces a hidden patch, `[1, 1, D]`; only the student has it. */
export function maskToken(scope: Scope, width: number): Tensor {
  return scope.parameter("mask_token", [1, 1, width], zeros, { decays: false });
}
