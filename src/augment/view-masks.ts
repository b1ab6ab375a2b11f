/**
 * Crops and flips masks of pixels as views are: every pixel of a view has the class of the nearest pixel.
 */
import {
  add,
  cast,
  clip,
  concat,
  constant,
  div,
  floor,
  gather,
  maximum,
  minimum,
  mul,
  reshape,
  shapeOf,
  sliceAxis,
  sub,
  type Tensor,
} from "../tensor/index.ts";
import { PARAMETER } from "./view-parameters.ts";
import type { ViewSpec } from "./view-spec.ts";

/**
 * Masks in several views of one size, one after another.
 *
 * Pixel i of a view has the value of pixel ⌊start + (2i + 1)·extent / (2·size)⌋ of the picture, in reverse
 * order if flipped: `nearest-exact` of PyTorch's `interpolate` within the crop.
 *
 * @param masks uint8 `[B, S, S]`, on the canvases of the pictures.
 * @param parameters float32 `[B, PARAMETER_COUNT]`, one for each view, as `drawViewParameters` writes them.
 * @returns int32 `[V·B, size, size]`, view-major.
 */
export function maskViews(masks: Tensor, parameters: readonly Tensor[], specs: readonly ViewSpec[]): Tensor {
  return concat(specs.map((spec, v) => maskView(masks, parameters[v]!, spec)));
}

function maskView(masks: Tensor, parameters: Tensor, { size, flip }: ViewSpec): Tensor {
  const [b, s] = shapeOf(masks, 3, "maskViews");
  const axis = (which: 0 | 1) => {
    const column = (at: number) => sliceAxis(parameters, 1, at + which, at + which + 1); // [B, 1]
    return places(
      column(PARAMETER.start),
      column(PARAMETER.extent),
      flip > 0 ? column(PARAMETER.flip) : null,
      { size, canvas: s },
    );
  };
  const rows = reshape(mul(axis(0), s), [b, size, 1]);
  const columns = reshape(axis(1), [b, 1, size]);
  const pictures = constant(
    Array.from({ length: b }, (_, picture) => picture * s * s),
    [b, 1, 1],
    "int64",
  );
  return cast(gather(reshape(masks, [b * s * s]), add(add(rows, columns), pictures)), "int32");
}

/** The source pixel of each of `size` pixels, int64 `[B, size]`. */
function places(
  start: Tensor,
  extent: Tensor,
  flip: Tensor | null,
  { size, canvas }: { size: number; canvas: number },
): Tensor {
  const odd = constant(
    Array.from({ length: size }, (_, i) => 2 * i + 1),
    [1, size],
  );
  const turned = flip === null ? odd : add(odd, mul(flip, sub(2 * size, mul(odd, 2))));
  const place = floor(add(start, div(mul(turned, extent), 2 * size)));
  const inside = minimum(maximum(place, start), sub(add(start, extent), 1));
  return cast(clip(inside, 0, canvas - 1), "int64");
}
