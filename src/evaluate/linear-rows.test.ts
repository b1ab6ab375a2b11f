import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../formats/matrix.ts";
import { linearRows } from "./linear-rows.ts";

const D = 6;
const features = (name: string, rows: number): Matrix => ({
  ...{ rows, cols: D },
  // Columns of very different scales, as features may have.
  data: deterministic(name, rows * D).map((x, at) => x * 10 ** (at % D) + 3),
});
const weights = deterministic("weights", 2 * D);
/** A linear function of the features, of about deviation 1. */
const linear = ({ rows, data }: Matrix): Matrix => ({
  ...{ rows, cols: 2 },
  data: Float32Array.from({ length: 2 * rows }, (_, at) =>
    [...Array(D).keys()].reduce((sum, d) => {
      const x = data[Math.floor(at / 2) * D + d]! - 3;
      return sum + (weights[(at % 2) * D + d]! * x) / 10 ** d;
    }, 0),
  ),
});
const [train, test_] = [features("train", 400), features("test", 50)];
const options = { train, test: test_, seed: 1, threads: 1 };

test("numbers that are linear in the features are found", async () => {
  const { outputs } = await linearRows({ ...options, trainRows: linear(train), loss: "squared" });
  for (const [at, wanted] of linear(test_).data.entries()) expect(outputs.data[at]).toBeCloseTo(wanted, 2);
});

test("labels that the features tell are found, as logits", async () => {
  const ones = ({ rows, cols, data }: Matrix) => ({ rows, cols, data: data.map((x) => (x > 0 ? 1 : 0)) });
  const { outputs } = await linearRows({ ...options, trainRows: ones(linear(train)), loss: "sigmoid" });
  const right = ones(linear(test_)).data.filter((label, at) => label === (outputs.data[at]! > 0 ? 1 : 0));
  expect(right.length).toBeGreaterThan(95);
});

test("features that are all alike lead to the low rates, not to numbers that are none", async () => {
  const many: Matrix = {
    rows: 300,
    cols: 200,
    data: Float32Array.from({ length: 60_000 }, (_, at) => Math.floor(at / 200) % 7),
  };
  const trainRows = {
    rows: 300,
    cols: 1,
    data: Float32Array.from({ length: 300 }, (_, row) => (row % 7) - 3),
  };
  const { outputs, learningRate } = await linearRows({
    ...options,
    train: many,
    test: many,
    trainRows,
    loss: "squared",
  });
  expect(learningRate).toBeLessThan(0.02);
  for (const [at, value] of outputs.data.entries()) expect(value).toBeCloseTo((at % 7) - 3, 1);
});

test("one picture is refused", async () => {
  const one = features("one", 1);
  const trainRows = { rows: 1, cols: 1, data: Float32Array.of(1) };
  await expect(linearRows({ ...options, train: one, trainRows, loss: "squared" })).rejects.toThrow(
    "at least two",
  );
});
