import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { neighbourRows } from "./neighbour-rows.ts";

const matrix = (name: string, rows: number, cols: number) => ({
  ...{ rows, cols },
  data: deterministic(name, rows * cols),
});
const [bank, queries, bankRows] = [matrix("bank", 17, 5), matrix("queries", 6, 5), matrix("rows", 17, 2)];
const options = { bank, bankRows, queries, k: 4, temperature: 0.07, threads: 1 };

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Array.from(x, (v, i) => v * y[i]!).reduce((s, v) => s + v);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

test("the rows of the nearest are averaged with their weights", async () => {
  const row = ({ cols, data }: { cols: number; data: Float32Array }, at: number) =>
    data.subarray(at * cols, (at + 1) * cols);
  const plain = Array.from({ length: queries.rows }, (_, q) => {
    const near = Array.from({ length: bank.rows }, (_, b) => ({
      b,
      s: cosine(row(queries, q), row(bank, b)),
    }))
      .sort((x, y) => y.s - x.s)
      .slice(0, 4);
    const total = near.reduce((sum, { s }) => sum + Math.exp(s / 0.07), 0);
    return [0, 1].map((c) =>
      near.reduce((sum, { b, s }) => sum + (Math.exp(s / 0.07) / total) * row(bankRows, b)[c]!, 0),
    );
  });
  const { data } = await neighbourRows(options);
  expect(relativeError(data, plain.flat())).toBeLessThan(1e-5);
});

test("a small bank votes as a whole, and rows that do not match are refused", async () => {
  const { data } = await neighbourRows({ ...options, k: 100, temperature: 1e9 });
  const mean = [0, 1].map(
    (c) => bankRows.data.filter((_, at) => at % 2 === c).reduce((s, v) => s + v, 0) / 17,
  );
  expect(relativeError(data.subarray(0, 2), mean)).toBeLessThan(1e-5);
  await expect(neighbourRows({ ...options, bankRows: matrix("few", 3, 2) })).rejects.toThrow("17; got 3");
  await expect(neighbourRows({ ...options, temperature: 0 })).rejects.toThrow("a number above 0; got 0");
});
