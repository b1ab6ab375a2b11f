import { describe, expect, it } from "vitest";
import { add, compile, constant, input, matmul, mul, neg, reshape, transpose } from "./index.ts";

const [ROWS, WIDTH] = [100, 10];
const BYTES = 4 * ROWS * WIDTH;
const x = input("x", [ROWS, WIDTH]);
const peak = (outputs: Parameters<typeof compile>[0]) => compile(outputs).peakBytes;

describe("the memory of a graph", () => {
  it("is that of what lives at one time", () => {
    const a = transpose(x);
    expect(peak({ y: a })).toBe(BYTES);
    // two factors of the product, and the product
    const sum = add(a, transpose(reshape(a, [ROWS, WIDTH])));
    expect(peak({ y: matmul(transpose(a), sum) })).toBe(2 * BYTES + 4 * ROWS * ROWS);
  });

  it("does not count inputs, constants, views, or what is written in place", () => {
    expect(peak({ y: neg(x) })).toBe(BYTES);
    expect(peak({ y: neg(neg(neg(x))) })).toBe(BYTES);
    expect(peak({ y: reshape(neg(x), [WIDTH * ROWS]) })).toBe(BYTES);
    expect(peak({ y: mul(neg(x), constant(new Float32Array(ROWS * WIDTH).fill(2), [ROWS, WIDTH])) })).toBe(
      BYTES,
    );
  });

  it("counts what is still needed beside the result", () => {
    const a = neg(x);
    expect(peak({ y: add(neg(a), a) })).toBe(2 * BYTES);
    expect(peak({ y: neg(a), a })).toBe(2 * BYTES);
  });
});
