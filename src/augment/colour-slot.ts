/**
 * One step of brightness, contrast or saturation:
 * `clip(scale·x + toGrey·grey(x) + toMean·mean(grey(x)), 0, 1)`.
 */
import { clip, constant, matmul, mean, mul, sliceAxis, type Tensor } from "../tensor/index.ts";
import { mixChannels } from "./channel-mix.ts";
import { IDENTITY, LUMA, TO_GREY } from "./grey.ts";
import { SLOTS_PER_SIDE } from "./jitter-slots.ts";
import type { ParameterMap } from "./parameter-maps.ts";
import { PARAMETER } from "./view-parameters.ts";
import type { ViewStep } from "./view-step.ts";

/** The hue turned by 1/3 (red becomes green, green blue, blue red) and by 2/3, as matrices. */
const TURNS = [
  [0, 0, 1, 1, 0, 0, 0, 1, 0],
  [0, 1, 0, 0, 0, 1, 1, 0, 0],
] as const;

/**
 * Slot 0 to 5 of the colour jitter, on x `[B, 3, H, W]` in [0, 1].
 *
 * @param hasContrast whether a slot may hold a contrast; no mean is taken otherwise.
 */
export function colourSlot(slot: number, hasContrast: boolean): ViewStep {
  const offset = (x: Tensor, parameters: Tensor) => (hasContrast ? meanGrey(x, slot, parameters) : undefined);
  return {
    maps: [slotMap(slot)],
    apply: (x, [matrices], parameters) =>
      mixChannels(x, matrices!, { bias: offset(x, parameters), after: (y) => clip(y, 0, 1) }),
  };
}

function slotMap(slot: number): ParameterMap {
  const at = PARAMETER.slots + 3 * slot;
  const columns = new Map<number, readonly number[]>([
    [at, IDENTITY],
    [at + 1, TO_GREY],
  ]);
  if (slot === SLOTS_PER_SIDE - 1) {
    for (const [index, turn] of TURNS.entries()) columns.set(PARAMETER.turns + index, turn);
  }
  return { bias: new Array<number>(9).fill(0), columns };
}

/** The mean grey times the contrast's share of it, the same for all three channels: `[B, 3]`. */
function meanGrey(x: Tensor, slot: number, parameters: Tensor): Tensor {
  const at = PARAMETER.slots + 3 * slot + 2;
  const toMean = sliceAxis(parameters, 1, at, at + 1);
  const luma = constant(
    LUMA.flatMap((weight) => [weight, weight, weight]),
    [3, 3],
  );
  return mul(matmul(mean(x, [2, 3]), luma), toMean);
}
