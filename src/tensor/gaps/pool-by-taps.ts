import { heightAndWidth } from "../ops/axes.ts";
import { add, cast, equal, maximum, where } from "../ops/elementwise.ts";
import { pad, slice } from "../ops/movement.ts";
import { maxPoolOperator, type PoolAttrs } from "../ops/pooling.ts";
import { constant } from "../ops/source.ts";
import { ruleFor } from "../rewrite.ts";
import { type Sizes, shapeOf, type Tensor } from "../tensor.ts";

type Pair = [number, number];

/**
 * A max pool as the largest of the elements under each tap of the window: for every tap, one strided slice of the padded
 * picture. The winner is the first tap whose element is the result.
 */
export const poolByTaps = ruleFor(maxPoolOperator, ([x], pool, { outputs }) => {
  const size = shapeOf(x, 4, "maxPool");
  const pooled = shapeOf(outputs[0], 4, "maxPool");
  const elements = elementsByTap(x, size, pool, pooled);
  const values = elements.reduce((largest, element) => maximum(largest, element));
  const places = elements
    .map((element, tap) => ({
      wins: equal(element, values),
      place: placesInPicture(size, pool, pooled, tap),
    }))
    .reduceRight<Tensor>(
      (later, { wins, place }) => where(wins, place, later),
      placesInPicture(size, pool, pooled, 0),
    );
  return [values, cast(add(places, picturesStart(size)), "int64")];
});

/** `[B, C, OH, OW]` for each tap of the window, row-major. */
function elementsByTap(
  x: Tensor,
  [b, c]: Sizes<4>,
  { kernel, stride, padding }: PoolAttrs,
  [, , ...pooled]: Sizes<4>,
): Tensor[] {
  const around = [0, 0, ...padding];
  const padded = pad(x, around, around, Number.NEGATIVE_INFINITY);
  const reach = heightAndWidth((i) => (pooled[i] - 1) * stride[i] + 1);
  return Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const [top, left] = placeInWindow(tap, kernel);
    const ends = [b, c, top + reach[0], left + reach[1]];
    return slice(padded, [0, 0, top, left], ends, [1, 1, ...stride]);
  });
}

/** int32 `[1, 1, OH, OW]`: the element under a tap, by its number in its picture; of the padding, one beside it. */
function placesInPicture(
  [, , height, width]: Sizes<4>,
  { kernel, stride, padding }: PoolAttrs,
  [, , rows, columns]: Sizes<4>,
  tap: number,
): Tensor {
  const [top, left] = placeInWindow(tap, kernel);
  const inside = (at: number, size: number) => Math.min(size - 1, Math.max(0, at));
  const places = Array.from({ length: rows * columns }, (_, window) => {
    const row = Math.floor(window / columns) * stride[0] - padding[0] + top;
    const column = (window % columns) * stride[1] - padding[1] + left;
    return inside(row, height) * width + inside(column, width);
  });
  return constant(places, [1, 1, rows, columns], "int32");
}

/** int32 `[B, C, 1, 1]`: the number of each picture's first element. */
function picturesStart([b, c, height, width]: Sizes<4>): Tensor {
  const starts = Array.from({ length: b * c }, (_, picture) => picture * height * width);
  return constant(starts, [b, c, 1, 1], "int32");
}

function placeInWindow(tap: number, kernel: PoolAttrs["kernel"]): Pair {
  return [Math.floor(tap / kernel[1]), tap % kernel[1]];
}
