import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { input } from "../tensor/index.ts";
import { squaredError } from "./squared-error.ts";

test.each([[[6]], [[2, 3]]])(
  "squaredError of shape %o is the mean of squares, in value and gradients",
  async (shape) => {
    const [a, b] = [deterministic("mse.a", 6, 3), deterministic("mse.b", 6, 3)];
    const plain = (x: ArrayLike<number>, y: ArrayLike<number>) =>
      Array.from(x, (value, at) => (value - y[at]!) ** 2).reduce((sum, term) => sum + term) / 6;
    const leaves = { a: leaf(a, ...shape), b: leaf(b, ...shape) };
    const got = await evaluateLoss(leaves, (x) => ({ loss: squaredError(x.a, x.b) }));
    expect(relativeError(got.loss, [plain(a, b)])).toBeLessThan(1e-6);
    expect(
      relativeError(
        got["grad/a"],
        finiteDifferences((x) => plain(x, b), a),
      ),
    ).toBeLessThan(1e-5);
    expect(
      relativeError(
        got["grad/b"],
        finiteDifferences((x) => plain(a, x), b),
      ),
    ).toBeLessThan(1e-5);
  },
);

test("squaredError does not change when a number is added to both, is 0 for equal ones, and refuses other shapes", async () => {
  const of = async (a: number[], b: number[]) =>
    (await evaluateLoss({ a: leaf(a, 2), b: leaf(b, 2) }, (x) => ({ loss: squaredError(x.a, x.b) }))).loss[0];
  expect(await of([1, 4], [2, 2])).toBe(2.5);
  expect(await of([9, 12], [10, 10])).toBe(2.5);
  expect(await of([7, 8], [7, 8])).toBe(0);
  expect(() => squaredError(input("a", [2]), input("b", [3]))).toThrow("the same shape");
});
