import { describe, expect, test } from "vitest";
import { TINY_SIMCLR, tinyConfig } from "../../test/support/tiny-run.ts";
import { add, convolution, gradients, input, matmul, mul, sum } from "../tensor/index.ts";
import { costOf, referenceSeconds } from "./step-cost.ts";

describe("costOf", () => {
  test("counts the products of a convolution, and of its gradients, by their windows", () => {
    const x = input("x", [2, 3, 8, 8]);
    const w = input("w", [5, 3, 3, 3]);
    const forward = 2 * 5 * 6 * 6 * (3 * 3 * 3);
    const y = convolution(x, w);
    expect(costOf([y])).toEqual({ products: forward, elements: 0 });
    const grads = gradients(sum(y), [x, w]);
    expect(costOf([y, ...grads]).products).toBe(3 * forward);
  });

  test("counts the products of a matrix product, however it is transposed", () => {
    const a = input("a", [4, 7, 3]);
    const b = input("b", [4, 7, 5]);
    expect(costOf([matmul(a, b, { transposeA: true })]).products).toBe(4 * 3 * 5 * 7);
  });

  test("counts what other operators write, and a value that is used twice once", () => {
    const x = input("x", [10]);
    const twice = add(x, x);
    expect(costOf([mul(twice, twice)])).toEqual({ products: 0, elements: 20 });
  });
});

describe("referenceSeconds", () => {
  test("grows with the batch in proportion, but for what the optimiser does with every parameter", () => {
    const [once, twice, thrice] = [1, 2, 3].map((times) =>
      referenceSeconds(tinyConfig({ ...TINY_SIMCLR, batchSize: 16 * times }, 64)),
    );
    // The similarities of a batch with itself grow with its square.
    expect((thrice! - twice!) / (twice! - once!)).toBeCloseTo(1, 1);
  });
});
