import { describe, expect, it } from "vitest";
import { runOnce } from "../runtime/session.ts";
import { compile, input, mean, sub, type Tensor } from "../tensor/index.ts";
import { inSubBatches, partsOf } from "./sub-batches.ts";

const B = 12;
const values = Float32Array.from({ length: 2 * B }, (_, i) => i ** 2);

/** Rows minus the mean of the rows in their part, and the sizes of the parts. */
async function centred(parts: number) {
  const sizes: number[] = [];
  const x = input("x", [B, 2]);
  const out = inSubBatches(x, parts, (part: Tensor) => {
    sizes.push(part.shape[0]!);
    return sub(part, mean(part, [0], true));
  });
  const { out: data } = await runOnce(compile({ out }), { x: values });
  return { sizes, data: [...(data as Float32Array)] };
}

describe("a network on parts of a batch", () => {
  it.each([
    [1, 12],
    [2, 6],
    [3, 4],
    [4, 3],
    [6, 2],
  ])("sees %i parts of %i rows each by itself, and gives their rows in order", async (parts, size) => {
    const { sizes, data } = await centred(parts);
    expect(sizes).toEqual(new Array(parts).fill(size));
    const expected = data.map((_, at) => {
      const [row, column] = [Math.floor(at / 2), at % 2];
      const first = row - (row % size);
      const seen = Array.from({ length: size }, (_, i) => values[2 * (first + i) + column]!);
      return values[at]! - seen.reduce((sum, value) => sum + value) / size;
    });
    for (const [at, value] of expected.entries()) expect(data[at]).toBeCloseTo(value, 3);
  });

  it.each([
    [5, 4],
    [7, 6],
    [12, 6],
  ])(
    "sees the next lower number of parts where rows do not divide into %i of two and more",
    async (parts, count) => {
      expect((await centred(parts)).sizes).toEqual(new Array(count).fill(B / count));
    },
  );

  it("is applied to all at once where their number is prime", () => {
    expect([2, 3, 4, 8].map((parts) => partsOf(127, parts))).toEqual([1, 1, 1, 1]);
    expect([partsOf(2, 4), partsOf(3, 4), partsOf(4, 4)]).toEqual([1, 1, 2]);
  });
});
