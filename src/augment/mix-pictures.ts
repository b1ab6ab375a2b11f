/**
 * Mixup and cutmix: every picture of a batch is mixed with another one, and its target likewise. One λ, or
 * one box, is drawn for the whole batch, as by timm's `Mixup` in the mode `batch`. The partner is any picture
 * of the batch, in a random order; timm takes the batch backwards.
 */
import { AfterimageError } from "../errors.ts";
import { drawBeta } from "../random/beta.ts";
import type { RandomStream } from "../random/random-stream.ts";
import { add, cast, gather, mul, not, reshape, sliceAxis, sub, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { boxMask } from "./box-mask.ts";

export interface MixSpec {
  /** Probability that a batch is mixed, 0 to 1. */
  probability: number;
  /** Mixup's λ is drawn from Beta(mixup, mixup); 0 for no mixup. */
  mixup: number;
  /** Cutmix's λ, the share of the picture that stays, is drawn from Beta(cutmix, cutmix); 0 for no cutmix. */
  cutmix: number;
  /** Probability that a batch is mixed by cutmix, where both are above 0; 0 to 1. */
  cutmixShare: number;
}

/** timm's and MAE's values for fine-tuning vision transformers. */
export const MIX: MixSpec = { probability: 1, mixup: 0.8, cutmix: 1, cutmixShare: 0.5 };

/**
 * Numbers before the partners: weight of the own picture, weight of the own target, top, left, bottom, right.
 */
export const MIX_PARAMETERS = 6;

/**
 * Draws how a batch of B pictures is mixed: writes {@link MIX_PARAMETERS} numbers and the B places of the
 * partners.
 *
 * Sources: Zhang et al. 2017, arXiv 1710.09412; Yun et al. 2019, arXiv 1905.04899; timm's `data/mixup.py`
 * (`rand_bbox`, with λ corrected to the share of pixels that stay).
 *
 * @param out float32 `[6 + B]`.
 * @param size height and width of the pictures, in pixels.
 * @throws AfterimageError `usage/value` for settings out of range.
 */
export function drawMix(spec: MixSpec, size: number, random: RandomStream, out: Float32Array): void {
  checkMix(spec);
  const { probability, mixup, cutmix, cutmixShare } = spec;
  out.set([1, 1, 0, 0, 0, 0]);
  if ((mixup > 0 || cutmix > 0) && random.chance(probability)) {
    const isCut = mixup === 0 || (cutmix > 0 && random.chance(cutmixShare));
    const share = isCut ? drawBeta(random, cutmix, cutmix) : drawBeta(random, mixup, mixup);
    out.set(isCut ? cut(share, size, random) : [share, share, 0, 0, 0, 0]);
  }
  out.set(random.permutation(out.length - MIX_PARAMETERS), MIX_PARAMETERS);
}

/** A square box of 1 - share of the pixels around a random one, clipped at the borders. */
function cut(share: number, size: number, random: RandomStream): number[] {
  const side = Math.floor(size * Math.sqrt(1 - share));
  const [before, after] = [Math.floor(side / 2), Math.ceil(side / 2)];
  const [y, x] = [random.integer(0, size), random.integer(0, size)];
  const [top, bottom] = [Math.max(0, y - before), Math.min(size, y + after)];
  const [left, right] = [Math.max(0, x - before), Math.min(size, x + after)];
  return [1, 1 - ((bottom - top) * (right - left)) / size ** 2, top, left, bottom, right];
}

/**
 * Pictures mixed: w · own + (1 - w) · partner, w = λ for mixup; for cutmix 0 in the box and 1 elsewhere.
 * Pictures that are not mixed stay as they are to the bit.
 *
 * @param pictures float32 `[B, C, S, S]`.
 * @param mix float32 `[6 + B]`, as {@link drawMix} writes it.
 * @throws AfterimageError `tensor/shape` when the two do not fit each other.
 */
export function mixPictures(pictures: Tensor, mix: Tensor): Tensor {
  const [b, , size, width] = pictures.shape as [number, number, number, number];
  if (pictures.rank !== 4 || size !== width || !sameShape(mix.shape, [MIX_PARAMETERS + b]))
    throw shapeError("mixPictures", "square pictures [B, C, S, S] and a mix [6 + B]", [pictures, mix]);
  const box = reshape(sliceAxis(mix, 0, 2, MIX_PARAMETERS), [1, 4]);
  const outside = cast(not(boxMask(box, size)), "float32"); // [1, 1, S, S]
  const own = mul(reshape(sliceAxis(mix, 0, 0, 1), [1, 1, 1, 1]), outside);
  return mixed(pictures, own, mix);
}

/**
 * Soft targets mixed as their pictures: λ · own + (1 - λ) · partner, λ for cutmix the share of pixels that
 * stay.
 *
 * @param targets float32 `[B, K]`, such as `oneHot` of labels.
 * @param mix float32 `[6 + B]`, as {@link drawMix} writes it.
 * @throws AfterimageError `tensor/shape` when the two do not fit each other.
 */
export function mixTargets(targets: Tensor, mix: Tensor): Tensor {
  if (targets.rank !== 2 || !sameShape(mix.shape, [MIX_PARAMETERS + targets.shape[0]!]))
    throw shapeError("mixTargets", "targets [B, K] and a mix [6 + B]", [targets, mix]);
  return mixed(targets, reshape(sliceAxis(mix, 0, 1, 2), [1, 1]), mix);
}

function mixed(rows: Tensor, own: Tensor, mix: Tensor): Tensor {
  const partners = cast(sliceAxis(mix, 0, MIX_PARAMETERS, mix.size), "int64"); // [B]
  return add(mul(rows, own), mul(gather(rows, partners), sub(1, own)));
}

function checkMix(spec: MixSpec): void {
  for (const [name, value] of Object.entries(spec)) {
    const isShare = name === "probability" || name === "cutmixShare";
    if (Number.isFinite(value) && value >= 0 && (value <= 1 || !isShare)) continue;
    throw new AfterimageError("usage/value", {
      what: "a setting of mixed pictures is out of range",
      where: name,
      expected: isShare ? "a number from 0 to 1" : "a number, 0 or more",
      got: String(value),
    });
  }
}
