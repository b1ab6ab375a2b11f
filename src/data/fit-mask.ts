import { canvasSize } from "./canvas-size.ts";

/** Labels of pixels, row by row. */
export interface LabelMap {
  height: number;
  width: number;
  labels: Uint8Array;
}

/**
 * A mask at the size that its picture has on a canvas of `side`: shrunk in proportion, and cropped where the
 * picture is (see {@link canvasSize}). Every pixel has the label of the nearest one, so that no label arises
 * that was not there.
 */
export function fitMask({ height, width, labels }: LabelMap, side: number): LabelMap {
  const size = canvasSize(height, width, side);
  // The factor is that of the side that stays whole; the other one is cropped to its middle.
  const factor = Math.max(size.height / height, size.width / width);
  const scale = (small: number, large: number) =>
    size.cropped
      ? (i: number) => nearest((i + 0.5 + (large * factor - small) / 2) / factor, large)
      : whole(small, large);
  const [rowOf, columnOf] = [scale(size.height, height), scale(size.width, width)];
  const columns = Int32Array.from({ length: size.width }, (_, column) => columnOf(column));
  const fitted = new Uint8Array(size.height * size.width);
  for (let row = 0; row < size.height; row++) {
    const start = rowOf(row) * width;
    for (const [column, from] of columns.entries()) fitted[row * size.width + column] = labels[start + from]!;
  }
  return { height: size.height, width: size.width, labels: fitted };
}

function whole(small: number, large: number): (i: number) => number {
  return (i) => nearest(((i + 0.5) * large) / small, large);
}

function nearest(place: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(place)));
}
