import { type Operand, reshape, sub, type Tensor } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";

/** (t - centre) / τ, `[G, B, K]`. */
export function sharpened(views: Tensor, centre: Tensor, temperature: Operand): Tensor {
  if (centre.size !== views.shape.at(-1))
    throw shapeError("dinoLoss", "a centre [K] of the same width K as the teacher's logits", [centre, views]);
  return byTemperature(sub(views, reshape(centre, [centre.size])), temperature);
}
