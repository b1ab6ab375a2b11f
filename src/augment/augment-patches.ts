/**
 * Noise on single patches of a picture, so that neighbours cannot be recognised by colour and texture only
 * (CPC v2, arXiv 1905.09272, section 2.1). A patch keeps one of its three colours, or is mirrored.
 */
import type { RandomStream } from "../random/random-stream.ts";
import { add, mul, reshape, reverse, sizeOfAxis, sliceAxis, sub, type Tensor } from "../tensor/index.ts";

/** Factors of red, green and blue, and whether the patch is mirrored. */
export const PATCH_PARAMETERS = 4;

export interface PatchNoise {
  /** Probability that a patch keeps one of its colours; the others become the mean colour, 0. */
  dropColour: number;
  /** Probability that it is mirrored. */
  flipPatches: number;
}

/** Fills the parameters of patches, one after another. */
export function drawPatchParameters(out: Float32Array, random: RandomStream, noise: PatchNoise): void {
  for (let at = 0; at < out.length; at += PATCH_PARAMETERS) {
    const kept = random.chance(noise.dropColour) ? random.integer(0, 3) : null;
    for (let channel = 0; channel < 3; channel++)
      out[at + channel] = kept === null || kept === channel ? 1 : 0;
    out[at + 3] = random.chance(noise.flipPatches) ? 1 : 0;
  }
}

/**
 * Applies the parameters `[…, 4]` of {@link drawPatchParameters}, N rows in all, to normalised patches
 * `[N, 3, S, S]`.
 */
export function augmentPatches(patches: Tensor, parameters: Tensor): Tensor {
  const count = sizeOfAxis(patches, 0, "augmentPatches");
  const rows = reshape(parameters, [count, PATCH_PARAMETERS, 1, 1]);
  const coloured = mul(patches, sliceAxis(rows, 1, 0, 3));
  const flip = sliceAxis(rows, 1, 3, 4);
  return add(mul(coloured, sub(1, flip)), mul(reverse(coloured, [3]), flip));
}
