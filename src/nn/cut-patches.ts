import {
  add,
  cast,
  constant,
  div,
  gather,
  mean,
  mul,
  reshape,
  shapeOf,
  sizeOfAxis,
  sliceAxis,
  sqrt,
  square,
  sub,
  type Tensor,
  transpose,
} from "../tensor/index.ts";

/**
 * Cuts square patches out of pictures, at different places in every picture. It is not meant to pass
 * gradients.
 *
 * @param pictures `[B, C, H, W]`.
 * @param corners the upper left corner `(y, x)` of each patch, in pixels: int32 `[B, n, 2]`.
 * @param normalize whether every patch is brought to mean 0 and deviation 1 (over its pixels and channels).
 * @returns `[n·B, C, size, size]`, the first patches of all pictures first.
 */
export function cutPatches(pictures: Tensor, corners: Tensor, size: number, normalize = false): Tensor {
  const [b, c, h, w] = shapeOf(pictures, 4, "cutPatches");
  const n = sizeOfAxis(corners, 1, "cutPatches");
  const integers = (count: number, at: (i: number) => number, shape: number[]) =>
    constant(
      Int32Array.from({ length: count }, (_, i) => at(i)),
      shape,
      "int32",
    );
  const first = transpose(corners, [1, 0, 2]); // [n, B, 2]
  const top = reshape(sliceAxis(first, 2, 0, 1), [n, b, 1, 1]);
  const left = reshape(sliceAxis(first, 2, 1, 2), [n, b, 1, 1]);
  const start = integers(b, (row) => row * h * w, [1, b, 1, 1]);
  const rows = mul(
    add(
      top,
      integers(size, (y) => y, [1, 1, size, 1]),
    ),
    w,
  );
  const columns = add(
    left,
    integers(size, (x) => x, [1, 1, 1, size]),
  );
  const places = reshape(add(add(rows, columns), start), [n * b * size * size]);
  const pixels = reshape(transpose(pictures, [0, 2, 3, 1]), [b * h * w, c]);
  const cut = reshape(gather(pixels, cast(places, "int64")), [n * b, size, size, c]);
  const patches = transpose(cut, [0, 3, 1, 2]);
  return normalize ? standardize(patches) : patches;
}

/** A patch of one colour becomes zero. */
function standardize(patches: Tensor): Tensor {
  const centred = sub(patches, mean(patches, [1, 2, 3], true));
  return div(centred, sqrt(add(mean(square(centred), [1, 2, 3], true), 1e-5)));
}
