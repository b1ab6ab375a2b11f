/**
 * Training views in the graph: crop, resize and flip; colour jitter; blur; greyscale, normalise, solarise.
 */
import { AfterimageError } from "../errors.ts";
import { concat, labelled, sameShape, sliceAxis, type Tensor } from "../tensor/index.ts";
import { gaussianBlur } from "./blur.ts";
import { checkViewSpec } from "./check-view-spec.ts";
import { finishSteps } from "./finish.ts";
import { cropResize, type Region } from "./interpolation.ts";
import { jitterSteps } from "./jitter-steps.ts";
import { PARAMETER, PARAMETER_COUNT } from "./view-parameters.ts";
import type { ViewSpec } from "./view-spec.ts";
import { applySteps, type ViewStep } from "./view-step.ts";

/**
 * One view of every picture: equals torchvision's tensor operations on pictures in [0, 1], in the order of
 * the view's entries. (Greyscale comes after the blur: both are linear, so their order does not matter.)
 *
 * @param pictures uint8 `[B, 3, S, S]`, each in the top left corner of its canvas.
 * @param parameters float32 `[B, PARAMETER_COUNT]`, rows as `drawViewParameters` writes them for this view.
 * @returns float32 `[B, 3, size, size]`, in [0, 1] unless the view is normalised.
 * @throws AfterimageError `usage/value` for a view that cannot be made, `tensor/shape` for tensors that do
 * not fit.
 */
export function augmentView(pictures: Tensor, parameters: Tensor, spec: ViewSpec): Tensor {
  return augmentViews(pictures, [parameters], [spec]);
}

/**
 * Several views of one size, one after another: `[V·B, 3, size, size]`, each as {@link augmentView} makes it.
 *
 * @param parameters one tensor for each view.
 */
export function augmentViews(
  pictures: Tensor,
  parameters: readonly Tensor[],
  specs: readonly ViewSpec[],
): Tensor {
  checkInputs(pictures, parameters, specs);
  const used = specs.map((spec) => withoutUnused(checkViewSpec(spec)));
  const shared = new Map(used.map((spec) => [pipelineKey(spec), viewSteps(spec)]));
  return concat(
    used.map((spec, v) =>
      labelled(`view.${spec.name}`, () =>
        applySteps(crop(pictures, parameters[v]!, spec), parameters[v]!, shared.get(pipelineKey(spec))!),
      ),
    ),
  );
}

/** Views that differ only by name share their steps, and the constants of these. */
function pipelineKey(spec: ViewSpec): string {
  return JSON.stringify({ ...spec, name: null });
}

function viewSteps(spec: ViewSpec): readonly ViewStep[] {
  const blur = spec.blur === null ? [] : [gaussianBlur(spec.blur, spec.size)];
  return [...jitterSteps(spec.jitter), ...blur, ...finishSteps(spec)];
}

function crop(
  pictures: Tensor,
  parameters: Tensor,
  { size, flip, crop: { interpolation } }: ViewSpec,
): Tensor {
  const pair = (at: number) => sliceAxis(parameters, 1, at, at + 2);
  const region: Region = {
    start: pair(PARAMETER.start),
    extent: pair(PARAMETER.extent),
    flip: flip > 0 ? pair(PARAMETER.flip) : null,
  };
  return cropResize(pictures, region, size, interpolation);
}

/** The view without operations that never happen. */
function withoutUnused(spec: ViewSpec): ViewSpec {
  const used = <T extends { probability: number }>(part: T | null) => (part?.probability ? part : null);
  return { ...spec, jitter: used(spec.jitter), blur: used(spec.blur), solarize: used(spec.solarize) };
}

function checkInputs(pictures: Tensor, parameters: readonly Tensor[], specs: readonly ViewSpec[]): void {
  const [b = 0, , s] = pictures.shape;
  const fits =
    pictures.dtype === "uint8" &&
    sameShape(pictures.shape, [b, 3, s!, s!]) &&
    specs.length > 0 &&
    parameters.length === specs.length &&
    parameters.every(({ shape }) => sameShape(shape, [b, PARAMETER_COUNT])) &&
    specs.every(({ size }) => size === specs[0]!.size);
  if (fits) return;
  throw new AfterimageError("tensor/shape", {
    what: "the pictures and parameters do not match the views",
    expected: `uint8[B, 3, S, S] and one float32[B, ${PARAMETER_COUNT}] for each view; all views of the same size`,
    got: `${pictures}, ${parameters.join(", ")} and views of ${specs.map(({ size }) => size).join(", ")}`,
  });
}
