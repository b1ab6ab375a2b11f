/**
 * A view is a chain of steps over `[B, 3, H, W]`. The matrices that they need are computed from the
 * parameters beforehand, all at once.
 */
import type { Tensor } from "../tensor/index.ts";
import { applyMaps, type ParameterMap } from "./parameter-maps.ts";

export interface ViewStep {
  /** The matrices it needs, for each picture. */
  maps: readonly ParameterMap[];
  /**
   * @param matrices one `[B, entries]` for each of `maps`.
   * @param parameters the view's parameters `[B, P]`.
   */
  apply(x: Tensor, matrices: readonly Tensor[], parameters: Tensor): Tensor;
}

export function applySteps(x: Tensor, parameters: Tensor, steps: readonly ViewStep[]): Tensor {
  const matrices = [
    ...applyMaps(
      parameters,
      steps.flatMap(({ maps }) => maps),
    ),
  ];
  return steps.reduce((y, { maps, apply }) => apply(y, matrices.splice(0, maps.length), parameters), x);
}
