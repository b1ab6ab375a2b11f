/** Every measure of features at the edges of its domain: a correct value, or an error of ours. */
import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import * as evaluate from "./index.ts";

const [ROWS, COLS] = [12, 4];
const plain = deterministic("features", ROWS * COLS);
const labelsOf = ({ rows }: Matrix) => Int32Array.from({ length: rows }, (_, row) => row % 2);
const matrix = (data: Float32Array, rows = ROWS): Matrix => ({ rows, cols: COLS, data });

const EDGES: Record<string, Matrix> = {
  zeros: matrix(new Float32Array(ROWS * COLS)),
  "one row": matrix(plain.slice(0, COLS), 1),
  "no row": matrix(new Float32Array(0), 0),
  constants: matrix(new Float32Array(ROWS * COLS).fill(0.3)),
  huge: matrix(plain.map((x) => x * 1e38)),
  "1e20": matrix(plain.map((x) => x * 1e20)),
  tiny: matrix(plain.map((x) => x * 1e-30)),
  "smallest of all": matrix(new Float32Array(ROWS * COLS).fill(1e-45)),
  NaN: matrix(plain.with(5, Number.NaN)),
  infinity: matrix(plain.with(5, Number.POSITIVE_INFINITY)),
};

type Measured = (features: Matrix) => unknown;
const common = { temperature: 0.07, k: [1, 5], threads: 1 };
const euclidean = { metric: "euclidean" } as const;
const asked = (features: Matrix) => ({ queries: features, gallery: features });
const known = (features: Matrix) => ({ bank: features, bankLabels: labelsOf(features), queries: features });

const MEASURES: Record<string, Measured> = {
  health: evaluate.health,
  rankMe: evaluate.rankMe,
  countDuplicates: evaluate.countDuplicates,
  nearest: (x) => evaluate.nearest({ ...asked(x), k: 1, threads: 1 }),
  "nearest, Euclidean": (x) => evaluate.nearest({ ...asked(x), k: 1, threads: 1, ...euclidean }),
  knn: (x) => evaluate.knn({ ...known(x), ...common, queryLabels: labelsOf(x) }),
  "knn, Euclidean": (x) => evaluate.knn({ ...known(x), ...common, queryLabels: labelsOf(x), ...euclidean }),
  labelledRetrieval: (x) => evaluate.labelledRetrieval({ features: x, labels: labelsOf(x), threads: 1 }),
  "labelledRetrieval, Euclidean": (x) =>
    evaluate.labelledRetrieval({ features: x, labels: labelsOf(x), threads: 1, ...euclidean }),
  pairedRetrieval: (x) => evaluate.pairedRetrieval({ ...asked(x), relevant: new Int32Array(x.rows) }),
  linearProbe: (x) => {
    const labels = { trainLabels: labelsOf(x), testLabels: labelsOf(x) };
    return evaluate.linearProbe({ train: x, test: x, ...labels, classes: 2, seed: 0, epochs: 2, threads: 1 });
  },
  linearRows: (x) => {
    const trainRows = { rows: x.rows, cols: 1, data: Float32Array.from(labelsOf(x)) };
    return evaluate.linearRows({
      train: x,
      test: x,
      trainRows,
      loss: "sigmoid",
      seed: 0,
      epochs: 2,
      threads: 1,
    });
  },
  neighbourRows: (x) => {
    const bankRows = { rows: x.rows, cols: 1, data: Float32Array.from(labelsOf(x)) };
    return evaluate.neighbourRows({ bank: x, queries: x, bankRows, k: 3, temperature: 0.07, threads: 1 });
  },
  precisionOutcomes: (x) => evaluate.precisionOutcomes({ ...x, data: x.data.map((_, at) => at % 2) }, x),
  stratifiedFolds: (x) => evaluate.stratifiedFolds(labelsOf(x), { folds: 2, seed: 0, stream: "edges" }),
  stratifiedSplit: (x) => evaluate.stratifiedSplit(labelsOf(x), { share: 0.2, seed: 0, stream: "edges" }),
  majorityShare: (x) => evaluate.majorityShare(labelsOf(x), labelsOf(x)),
  retrievalChance: (x) => evaluate.retrievalChance(labelsOf(x), [1]),
  standardError: (x) => evaluate.standardError(x.data),
  compareOutcomes: (x) => evaluate.compareOutcomes(x.data, x.data),
  pickRows: (x) => evaluate.pickRows(x, [0]),
};

/** All numbers in a result, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (value instanceof Map) return [...value.values()].flatMap(numbersIn);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

describe.each(Object.entries(MEASURES))("%s", (name, measure) => {
  test.each(Object.entries(EDGES))("of %s is finite, or refused", async (edge, features) => {
    let result: unknown;
    try {
      result = await measure(features);
    } catch (error) {
      expect(error).toBeInstanceOf(AfterimageError);
      return;
    }
    // These return what they were given, or count it.
    if (name === "pickRows" || name === "countDuplicates") return;
    for (const number of numbersIn(result)) expect(number, edge).toSatisfy(Number.isFinite);
  });
});

describe("at any scale", () => {
  test.each(["1e20", "tiny", "huge"])("health and ranks are those of plain features: %s", async (edge) => {
    const [scaled, unscaled] = [EDGES[edge]!, matrix(plain)];
    expect(evaluate.health(scaled).deviation).toBeCloseTo(evaluate.health(unscaled).deviation, 6);
    expect(evaluate.rankMe(scaled).rankMe).toBeCloseTo(evaluate.rankMe(unscaled).rankMe, 5);
    for (const metric of ["cosine", "euclidean"] as const) {
      const retrieve = (features: Matrix) =>
        evaluate.labelledRetrieval({ features, labels: labelsOf(features), metric, threads: 1 });
      const map = (await retrieve(unscaled)).meanAveragePrecision;
      expect((await retrieve(scaled)).meanAveragePrecision).toBeCloseTo(map, 10);
    }
    const near = (features: Matrix) =>
      evaluate.nearest({ ...asked(features), k: 3, excludeSelf: true, threads: 1 });
    expect((await near(scaled)).indices).toEqual((await near(unscaled)).indices);
  });
});

test("what is not finite is refused by its place", () => {
  expect(() => evaluate.rankMe(EDGES.NaN!)).toThrow("row 1, column 1");
  expect(() => evaluate.pickRows(matrix(plain), [ROWS])).toThrow("a row to pick");
  const draw = { seed: 0, stream: "edges" };
  for (const share of [0, 1, Number.NaN, -0.2])
    expect(() => evaluate.stratifiedSplit([0, 0], { ...draw, share })).toThrow("share to hold out");
});
