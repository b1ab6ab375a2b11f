import { and, constant, greaterEqual, less, reshape, sliceAxis, type Tensor } from "../tensor/index.ts";

/** Numbers of a box: top, left, bottom and right, the last two not inside of it. */
export const BOX_PARAMETERS = 4;

/**
 * Whether each pixel is inside of a box, bool `[N, 1, S, S]`.
 *
 * @param boxes `[N, 4]`: top, left, bottom, right in whole pixels; the last two are the first row and column
 * after the box.
 */
export function boxMask(boxes: Tensor, size: number): Tensor {
  const n = boxes.shape[0]!;
  const line = Array.from({ length: size }, (_, place) => place);
  const [rows, columns] = [constant(line, [1, 1, size, 1]), constant(line, [1, 1, 1, size])];
  const edge = (at: number) => reshape(sliceAxis(boxes, 1, at, at + 1), [n, 1, 1, 1]);
  const inRows = and(greaterEqual(rows, edge(0)), less(rows, edge(2))); // [N, 1, S, 1]
  const inColumns = and(greaterEqual(columns, edge(1)), less(columns, edge(3))); // [N, 1, 1, S]
  return and(inRows, inColumns);
}
