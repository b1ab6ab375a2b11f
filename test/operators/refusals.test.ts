/** Inputs that operators refuse: the error names the operator and shows the shapes. */
import { expect, it } from "vitest";
import { AfterimageError } from "../../src/errors.ts";
import * as t from "../../src/tensor/index.ts";

const x = t.input("x", [2, 3]);
const cube = t.input("cube", [2, 3, 4]);
const whole = t.input("whole", [2, 3], "int64");
const truth = t.input("truth", [2, 3], "bool");
const places = t.input("places", [5], "int64");
const pictures = t.input("pictures", [2, 4, 5, 5]);
const filters = t.input("filters", [6, 4, 3, 3]);
const row = t.input("row", [3]);

const REFUSED: Record<string, [build: () => unknown, operator: string, ...shown: string[]]> = {
  "shapes that do not broadcast": [() => t.add(x, cube), "add", "float32[2,3]", "float32[2,3,4]"],
  "two types": [() => t.mul(x, whole), "mul", "float32[2,3]", "int64[2,3]"],
  "roots of whole numbers": [() => t.sqrt(whole), "sqrt", "int64[2,3]"],
  "negated bytes": [() => t.neg(t.input("bytes", [2], "uint8")), "neg", "uint8[2]"],
  "numbers as truth": [() => t.and(x, x), "and", "float32[2,3]"],
  "a condition of numbers": [() => t.where(x, x, x), "where", "float32[2,3]"],
  "choices of two types": [() => t.where(truth, x, whole), "where", "float32[2,3]", "int64[2,3]"],
  "bounds in the wrong order": [() => t.clip(x, 1, 0), "clip", "1 and 0"],
  "powers of whole numbers": [() => t.pow(whole, 2), "pow", "int64[2,3]"],
  "another number of elements": [() => t.reshape(x, [4]), "reshape", "[4]", "float32[2,3]"],
  "a size that does not divide": [() => t.reshape(x, [4, -1]), "reshape", "[4,1.5]", "float32[2,3]"],
  "two sizes to infer": [() => t.reshape(x, [-1, -1]), "reshape", "[-1,-1]", "float32[2,3]"],
  "an order with an axis twice": [() => t.transpose(x, [0, 0]), "transpose", "[0,0]", "float32[2,3]"],
  "an order that lacks an axis": [() => t.transpose(cube, [1, 0]), "transpose", "[1,0]", "float32[2,3,4]"],
  "an axis of 3 spread to 4": [() => t.expand(x, [2, 4]), "expand", "[2,4]", "float32[2,3]"],
  "a lower rank to spread to": [() => t.expand(x, [3]), "expand", "[3]", "float32[2,3]"],
  "an axis that is not there": [() => t.sum(x, [2]), "sum", "between -2 and 1", "float32[2,3]"],
  "an axis twice": [() => t.mean(x, [1, -1]), "mean", "each axis once", "float32[2,3]"],
  "the mean of whole numbers": [() => t.mean(whole), "mean", "int64[2,3]"],
  "a cut beyond the end": [() => t.sliceAxis(x, 1, 1, 4), "slice", "[0,1] to [2,4]", "float32[2,3]"],
  "an empty cut": [() => t.sliceAxis(x, 1, 2, 2), "slice", "float32[2,3]"],
  "a cut with too few bounds": [() => t.slice(cube, [0], [1]), "slice", "float32[2,3,4]"],
  "negative padding": [() => t.pad(x, [0, -1], [0, 0]), "pad", "[0,-1]", "float32[2,3]"],
  "padding for too few axes": [() => t.pad(x, [1], [1]), "pad", "float32[2,3]"],
  "parts of other sizes": [() => t.concat([x, row], 0), "concat", "float32[2,3]", "float32[3]"],
  "parts of other types": [() => t.concat([x, whole], 0), "concat", "float32[2,3]", "int64[2,3]"],
  "parts of nothing": [() => t.concat([]), "concat"],
  "sizes that do not add up": [() => t.split(x, 1, [1, 1]), "split", "[1,1]", "float32[2,3]"],
  "one size that is not the whole": [() => t.split(x, 1, [2]), "split", "[2]", "float32[2,3]"],
  "more of the largest than there are": [() => t.topK(x, 4), "topK", "not 4", "float32[2,3]"],
  "none of the largest": [() => t.topK(x, 0), "topK", "not 0", "float32[2,3]"],
  "softmax of whole numbers": [() => t.softmax(whole), "softmax", "int64[2,3]"],
  "indices that are no whole numbers": [() => t.gather(x, row), "gather", "float32[3]"],
  "an axis that cannot be gathered from": [() => t.gather(x, places, 2), "gather", "float32[2,3]"],
  "indices of another rank": [() => t.gatherAlong(x, places), "gatherAlong", "float32[2,3]", "int64[5]"],
  "more rows than places": [
    () => t.scatterAddRows(x, places, 9),
    "scatterAddRows",
    "int64[5]",
    "float32[2,3]",
  ],
  "elements without a place": [() => t.scatterAddAxis(cube, whole, 1, 9), "scatterAddAxis", "float32[2,3,4]"],
  "inner sizes that differ": [() => t.matmul(x, x), "matmul", "float32[2,3]"],
  "a product with a vector": [() => t.matmul(x, row), "matmul", "float32[2,3]", "float32[3]"],
  "batches that do not broadcast": [
    () => t.matmul(t.input("a", [2, 3, 4]), t.input("b", [5, 4, 3])),
    "matmul",
    "float32[2,3,4]",
    "float32[5,4,3]",
  ],
  "products of whole numbers": [() => t.matmul(whole, whole, { transposeB: true }), "matmul", "int64[2,3]"],
  "a weight of another width": [() => t.affine(cube, x, row), "affine", "float32[6,4]", "float32[2,3]"],
  "a scale of another width": [
    () => t.layerNorm(cube, row, row),
    "layerNorm",
    "float32[2,3,4]",
    "float32[3]",
  ],
  "groups that do not divide": [() => t.groupNorm(cube, row, row, 2), "groupNorm", "float32[2,3,4]"],
  "filters for other channels": [
    () => t.convolution(pictures, filters, { groups: 2 }),
    "convolution",
    "float32[2,4,5,5]",
    "float32[6,4,3,3]",
  ],
  "filters larger than the picture": [
    () => t.convolution(pictures, filters, { dilation: 3 }),
    "convolution",
    "float32[2,4,5,5]",
  ],
  "no stride": [() => t.convolution(pictures, filters, { stride: 0 }), "convolution", "float32[2,4,5,5]"],
  "a bias of another width": [() => t.convolution(pictures, filters, {}, row), "convolution", "float32[3]"],
  "pictures of rank 2": [() => t.convolution(x, filters), "convolution", "float32[2,3]"],
  "output padding as large as the stride": [
    () => t.transposedConvolution(pictures, t.input("w", [4, 6, 3, 3]), { outputPadding: 1 }),
    "transposedConvolution",
    "float32[2,4,5,5]",
  ],
  "a result without rows": [
    () => t.transposedConvolution(t.input("p", [1, 4, 1, 1]), t.input("w", [4, 6, 3, 3]), { padding: 2 }),
    "transposedConvolution",
    "float32[1,4,1,1]",
  ],
  "windows larger than the picture": [
    () => t.maxPool(pictures, { kernel: 6 }),
    "maxPool",
    "float32[2,4,5,5]",
  ],
  "padding wider than half a window": [
    () => t.averagePool(pictures, { kernel: 2, padding: 2 }),
    "averagePool",
    "float32[2,4,5,5]",
  ],
  "data that does not fill its shape": [() => t.constant([1, 2, 3], [2]), "constant", "[2]", "3"],
  "interpolation of a matrix": [() => t.interpolate(x, { scaleFactor: 2 }), "interpolate", "float32[2,3]"],
  "interpolation to nothing": [
    () => t.interpolate(pictures, { scaleFactor: [0.1, 1] }),
    "interpolate",
    "0,5",
    "float32[2,4,5,5]",
  ],
  "an unpooling with places of another shape": [
    () => t.maxUnpool(pictures, places, { kernel: 2 }),
    "maxUnpool",
    "int64[5]",
  ],
  "an unpooling of windows that overlap": [
    () => t.maxUnpool(pictures, t.cast(pictures, "int64"), { kernel: 3, stride: 2 }),
    "maxUnpool",
    "3,3 at strides of 2,2",
  ],
  "an unpooling to a size that no pooling leads from": [
    () => t.maxUnpool(pictures, t.cast(pictures, "int64"), { kernel: 2, size: [12, 10] }),
    "maxUnpool",
    "12,10",
  ],
};

it.each(Object.entries(REFUSED))("%s: the error names the operator", (_, [build, operator, ...shown]) => {
  let caught: unknown;
  try {
    build();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(AfterimageError);
  const { code, message } = caught as AfterimageError;
  expect(code).toMatch(/^tensor\/(shape|dtype)$/);
  expect(message).toMatch(new RegExp(`\\b${operator}\\b`));
  for (const part of shown) expect(message).toContain(part);
});

it("an error names its place in the network", () => {
  expect(() => t.labelled("layer3.0.conv1", () => t.matmul(x, x))).toThrow(
    "matmul cannot take these inputs (layer3.0.conv1); expected equal inner sizes",
  );
});
