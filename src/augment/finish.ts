/** The end of the chain: greyscale, solarise, normalise. */
import {
  constant,
  expand,
  greaterEqual,
  reshape,
  sizeOfAxis,
  sub,
  type Tensor,
  where,
} from "../tensor/index.ts";
import { mixChannels } from "./channel-mix.ts";
import { IDENTITY, TO_GREY } from "./grey.ts";
import type { ParameterMap } from "./parameter-maps.ts";
import { PARAMETER } from "./view-parameters.ts";
import type { Normalization, ViewSpec } from "./view-spec.ts";
import type { ViewStep } from "./view-step.ts";

const UNCHANGED: Normalization = { mean: [0, 0, 0], std: [1, 1, 1] };

/**
 * Greyscale and normalisation are one matrix; solarising comes after it. Operations that a view does not have
 * are left out.
 */
export function finishSteps({ greyscale, solarize, normalize }: ViewSpec): readonly ViewStep[] {
  const steps: ViewStep[] = [];
  if (greyscale > 0 || normalize !== null) steps.push(greyAndNormalize(normalize));
  if (solarize !== null) steps.push(solarizeNormalized(normalize ?? UNCHANGED));
  return steps;
}

function greyAndNormalize(normalize: Normalization | null): ViewStep {
  const { mean, std } = normalize ?? UNCHANGED;
  const perRow = (matrix: readonly number[]) => matrix.map((value, i) => value / std[Math.floor(i / 3)]!);
  const loseColour = perRow(TO_GREY.map((value, i) => value - IDENTITY[i]!));
  const shift = (b: number) =>
    expand(
      constant(
        mean.map((value, c) => -value / std[c]!),
        [1, 3],
      ),
      [b, 3],
    );
  return {
    maps: [{ bias: perRow(IDENTITY), columns: new Map([[PARAMETER.greyscale, loseColour]]) }],
    apply: (x, [matrix]) =>
      mixChannels(x, matrix!, {
        bias: normalize === null ? undefined : shift(sizeOfAxis(x, 0, "greyAndNormalize")),
      }),
  };
}

/** On y = (x - mean) / std, where (1 - x - mean) / std is (1 - 2·mean) / std - y; the threshold likewise. */
function solarizeNormalized({ mean, std }: Normalization): ViewStep {
  const threshold: ParameterMap = {
    bias: mean.map((value, c) => -value / std[c]!),
    columns: new Map([[PARAMETER.solarize, std.map((value) => 1 / value)]]),
  };
  const whole = mean.map((value, c) => (1 - 2 * value) / std[c]!);
  const invert = (y: Tensor) => sub(constant(whole, [3, 1, 1]), y);
  return {
    maps: [threshold],
    apply: (y, [from]) =>
      where(greaterEqual(y, reshape(from!, [sizeOfAxis(y, 0, "solarizeNormalized"), 3, 1, 1])), invert(y), y),
  };
}
