import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, unit } from "../../test/support/rows.ts";
import { input, stopGradient } from "../tensor/index.ts";
import { byolLoss, negativeCosine, simsiamLoss } from "./negative-cosine.ts";

const [B, D] = [4, 5];
const [p1, p2, z1, z2] = ["p1", "p2", "z1", "z2"].map((name) => deterministic(`nc.${name}`, B * D)) as [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
];

function plain(p: ArrayLike<number>, z: ArrayLike<number>): number {
  const targets = rowsOf(z, D);
  return -average(rowsOf(p, D).map((row, b) => dot(unit(row), unit(targets[b]!))));
}

/** Mean over rows of the squared distance of the two, each of length 1. */
function distance(p: ArrayLike<number>, z: ArrayLike<number>): number {
  const targets = rowsOf(z, D);
  return average(
    rowsOf(p, D).map((row, b) => {
      const [u, v] = [unit(row), unit(targets[b]!)];
      return Math.hypot(...u.map((x, i) => x - v[i]!)) ** 2;
    }),
  );
}

const shape = [B, D];
const leaf = (data: Float32Array) => ({ data, shape });

function pair(p: Float32Array, z: Float32Array) {
  return evaluateLoss({ p: leaf(p), z: leaf(z) }, (t) => ({ loss: negativeCosine(t.p, t.z) }));
}

describe("negativeCosine", () => {
  test("is the formula, in value and in both gradients", async () => {
    const got = await pair(p1, z1);
    expect(relativeError(got.loss!, [plain(p1, z1)])).toBeLessThan(1e-5);
    expect(
      relativeError(
        got["grad/p"]!,
        finiteDifferences((p) => plain(p, z1), p1),
      ),
    ).toBeLessThan(1e-4);
    expect(
      relativeError(
        got["grad/z"]!,
        finiteDifferences((z) => plain(p1, z), z1),
      ),
    ).toBeLessThan(1e-4);
  });

  test("does not change with the length of rows, and turns with the sign", async () => {
    const { loss } = await pair(p1, z1);
    const longer = p1.map((value, i) => value * (1 + Math.floor(i / D)));
    expect((await pair(longer, z1)).loss![0]).toBeCloseTo(loss![0]!, 6);
    const against = z1.map((value) => -value);
    expect((await pair(p1, against)).loss![0]).toBeCloseTo(-loss![0]!, 6);
  });

  test("is -1 for equal rows, 0 for a row of zeros, whose gradient is finite", async () => {
    expect((await pair(p1, p1)).loss![0]).toBeCloseTo(-1, 6);
    const got = await pair(new Float32Array(B * D), z1);
    expect(got.loss![0]).toBeCloseTo(0, 6);
    expect(got["grad/p"]!.every(Number.isFinite)).toBe(true);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await pair(p1, z1)).toEqual(await pair(p1, z1));
  });

  test("refuses rows of different shapes", () => {
    expect(() => negativeCosine(input("p", [4, 5]), input("z", [4, 6]))).toThrow(/of the same shape/);
  });
});

describe.each([
  {
    name: "simsiamLoss",
    loss: simsiamLoss,
    formula: (p: ArrayLike<number>, q: ArrayLike<number>) => (plain(p, z2) + plain(q, z1)) / 2,
    atBest: -1,
  },
  {
    name: "byolLoss",
    loss: byolLoss,
    formula: (p: ArrayLike<number>, q: ArrayLike<number>) => distance(p, z2) + distance(q, z1),
    atBest: 0,
  },
])("$name", ({ loss, formula, atBest }) => {
  const evaluate = (first: Float32Array, second: Float32Array, targets = [z1, z2] as const) =>
    evaluateLoss(
      { first: leaf(first), second: leaf(second), z1: leaf(targets[0]), z2: leaf(targets[1]) },
      (t) => ({ loss: loss([t.first, t.second], [stopGradient(t.z1), stopGradient(t.z2)]) }),
    );

  test("compares each prediction with the other view's target, in value and gradient", async () => {
    const got = await evaluate(p1, p2);
    expect(relativeError(got.loss!, [formula(p1, p2)])).toBeLessThan(1e-5);
    expect(
      relativeError(
        got["grad/first"]!,
        finiteDifferences((p) => formula(p, p2), p1),
      ),
    ).toBeLessThan(1e-4);
    expect(
      relativeError(
        got["grad/second"]!,
        finiteDifferences((p) => formula(p1, p), p2),
      ),
    ).toBeLessThan(1e-4);
  });

  test("leaves targets behind stopGradient alone", async () => {
    const got = await evaluate(p1, p2);
    expect([...got["grad/z1"]!, ...got["grad/z2"]!].every((value) => value === 0)).toBe(true);
  });

  test("does not change when the two views change places", async () => {
    const [one, other] = [await evaluate(p1, p2), await evaluate(p2, p1, [z2, z1])];
    expect(other.loss![0]).toBeCloseTo(one.loss![0]!, 6);
  });

  test(`is ${atBest} where each prediction is the other view's target`, async () => {
    expect((await evaluate(z2, z1)).loss![0]).toBeCloseTo(atBest, 6);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(p1, p2)).toEqual(await evaluate(p1, p2));
  });
});

test("byolLoss is 4 for orthogonal rows and 8 for opposite ones", async () => {
  const rows = (x: number, y: number) => ({ data: Float32Array.of(x, y), shape: [1, 2] });
  const of = async (z: { data: Float32Array; shape: number[] }) =>
    (await evaluateLoss({ p: rows(3, 0), z }, (t) => ({ loss: byolLoss([t.p, t.p], [t.z, t.z]) }))).loss![0];
  expect(await of(rows(0, 2))).toBeCloseTo(4, 6);
  expect(await of(rows(-1, 0))).toBeCloseTo(8, 6);
});
