import { expect, test } from "vitest";
import { runTwice } from "../../test/support/run-twice.ts";
import { compile, gradients, input, square, sum } from "../tensor/index.ts";
import { offDiagonal } from "./off-diagonal.ts";

test.each([2, 3, 5])("offDiagonal keeps all but the diagonal of %i rows, row by row", async (D) => {
  const x = input("x", [D, D]);
  const values = Float32Array.from({ length: D * D }, (_, i) => i + 1);
  const rest = offDiagonal(x);
  const gradient = gradients(sum(square(rest)), [x])[0]!;
  const got = await runTwice(compile({ rest, gradient }), { x: values });
  const isDiagonal = (i: number) => i % (D + 1) === 0;
  expect(rest.shape).toEqual([D - 1, D]);
  expect(Array.from(got.rest as Float32Array)).toEqual(Array.from(values).filter((_, i) => !isDiagonal(i)));
  expect(Array.from(got.gradient as Float32Array)).toEqual(
    Array.from(values, (value, i) => (isDiagonal(i) ? 0 : 2 * value)),
  );
});

test("offDiagonal refuses what is not square, and a single element", () => {
  for (const shape of [[2, 3], [1, 1], [4]])
    expect(() => offDiagonal(input("x", shape))).toThrow(/a square matrix \[D, D\]/);
});
