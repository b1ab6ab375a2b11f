/** The host's draws for pictures that are mixed or partly erased, as entries of an objective's `draws`. */
import { BOX_PARAMETERS } from "../augment/box-mask.ts";
import { drawMix, MIX_PARAMETERS, type MixSpec } from "../augment/mix-pictures.ts";
import { drawErasing, type ErasingSpec } from "../augment/random-erasing.ts";
import type { Draw } from "./draw.ts";

/**
 * `mix`, float32 `[6 + B]` for each part of a step, for `mixPictures` and `mixTargets`, in both stages.
 * Partners are pictures of the same part, so the loss must not couple the batch.
 *
 * @param size height and width of the views, in pixels.
 */
export function mixDraw(spec: MixSpec, size: number): Draw {
  return {
    ...{ name: "mix", stage: "both", per: "part", dtype: "float32" },
    shape: (pictures) => [MIX_PARAMETERS + pictures],
    fill: (out, random) => drawMix(spec, size, random, out as Float32Array),
  };
}

/**
 * `erase`, float32 `[B, 4]`, and with noise `erase.noise`, float32 `[B, 3, S, S]`, for `erasePictures`: drawn
 * for each picture and epoch.
 *
 * @param size S, height and width of the views, in pixels.
 */
export function erasingDraws(spec: ErasingSpec, size: number): Draw[] {
  const own = { stage: "embed", per: "picture", dtype: "float32" } as const;
  const boxes: Draw = {
    ...{ ...own, name: "erase" },
    shape: (pictures) => [pictures, BOX_PARAMETERS],
    fill: (out, random) => out.set(drawErasing(spec, size, random)),
  };
  if (spec.fill === "mean") return [boxes];
  const noise: Draw = {
    ...{ ...own, name: "erase.noise" },
    shape: (pictures) => [pictures, 3, size, size],
    fill: (out, random) => random.fillNormal(out as Float32Array),
  };
  return [boxes, noise];
}
