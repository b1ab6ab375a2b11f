import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runTwice } from "../../test/support/run-twice.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, gradients, input } from "../tensor/index.ts";
import { ntXent, ntXentWithAccuracy } from "./nt-xent.ts";

const [B, D] = [4, 6];

function unitRows(z: readonly number[], width = D): number[][] {
  return Array.from({ length: z.length / width }, (_, row) => {
    const values = z.slice(row * width, (row + 1) * width);
    return values.map((value) => value / Math.hypot(...values));
  });
}

const dot = (u: readonly number[], v: readonly number[]) => u.reduce((total, x, i) => total + x * v[i]!, 0);

/** arXiv 2002.05709, equation 1, averaged over the 2B rows of z: first views, then second views. */
function equation1(z: readonly number[], temperature: number, width = D): number {
  const rows = unitRows(z, width);
  const terms = rows.map((anchor, i) => {
    const positive = rows[(i + rows.length / 2) % rows.length]!;
    const others = rows.filter((_, k) => k !== i);
    const denominator = others.reduce((total, row) => total + Math.exp(dot(anchor, row) / temperature), 0);
    return -Math.log(Math.exp(dot(anchor, positive) / temperature) / denominator);
  });
  return terms.reduce((a, b) => a + b) / terms.length;
}

/** arXiv 2110.06848, equation 6, averaged likewise: the positive is not in the sum. */
function decoupledEquation(z: readonly number[], temperature: number): number {
  const rows = unitRows(z);
  const terms = rows.map((anchor, i) => {
    const own = (i + B) % (2 * B);
    const negatives = rows.filter((_, k) => k !== i && k !== own);
    const sum = negatives.reduce((total, row) => total + Math.exp(dot(anchor, row) / temperature), 0);
    return -dot(anchor, rows[own]!) / temperature + Math.log(sum);
  });
  return terms.reduce((a, b) => a + b) / terms.length;
}

async function evaluate(z: ArrayLike<number>, temperature: number, width = D, decoupled = false) {
  const all = Float32Array.from(z);
  const half = all.length / 2;
  const [first, second] = [input("first", [half / width, width]), input("second", [half / width, width])];
  const { loss, accuracy } = ntXentWithAccuracy(first, second, { temperature, decoupled });
  const [ga, gb] = gradients(loss, [first, second]);
  const feeds = { first: all.subarray(0, half), second: all.subarray(half) };
  const got = await runTwice(compile({ loss, accuracy, ga: ga!, gb: gb! }), feeds);
  const numbers = (name: string) => Array.from(got[name] as Float32Array);
  return {
    loss: numbers("loss")[0]!,
    accuracy: numbers("accuracy")[0]!,
    gradient: [...numbers("ga"), ...numbers("gb")],
  };
}

const random = deterministic("nt-xent", 2 * B * D);

describe("ntXent", () => {
  test.each([0.1, 0.5, 1])("is equation 1 at temperature %f, in value and gradient", async (temperature) => {
    const { loss, gradient } = await evaluate(random, temperature);
    const formula = (z: readonly number[]) => equation1(z, temperature);
    expect(relativeError([loss], [formula(Array.from(random))])).toBeLessThan(1e-5);
    expect(relativeError(gradient, finiteDifferences(formula, random))).toBeLessThan(1e-4);
  });

  test("is half of what the authors' objective.py adds up", async () => {
    const rows = unitRows(Array.from(random));
    const [first, second] = [rows.slice(0, B), rows.slice(B)];
    const half = (own: number[][], other: number[][]) =>
      own.reduce((total, anchor, i) => {
        const across = other.map((row) => dot(anchor, row) / 0.5);
        const within = own.map((row, k) => dot(anchor, row) / 0.5 - (k === i ? 1e9 : 0));
        return total + Math.log([...across, ...within].reduce((s, x) => s + Math.exp(x), 0)) - across[i]!;
      }, 0) / B;
    const { loss } = await evaluate(random, 0.5);
    expect(2 * loss).toBeCloseTo(half(first, second) + half(second, first), 5);
  });

  test("is ln(2B - 1) when all embeddings are equal, and then finds no positives", async () => {
    const { loss, accuracy } = await evaluate(new Float32Array(2 * B * D).fill(0.7), 0.1);
    expect(loss).toBeCloseTo(Math.log(2 * B - 1), 5);
    expect(accuracy).toBeLessThanOrEqual(1 / B);
  });

  test("does not change with the order of the pictures, of the two views, or the length of an embedding", async () => {
    const { loss } = await evaluate(random, 0.2);
    const row = (i: number) => Array.from(random.subarray(i * D, (i + 1) * D));
    const shuffled = [2, 0, 3, 1, 6, 4, 7, 5].flatMap(row);
    const swapped = [4, 5, 6, 7, 0, 1, 2, 3].flatMap(row);
    const scaled = Array.from({ length: 2 * B }, (_, i) => row(i).map((x) => x * (i + 0.5))).flat();
    for (const other of [shuffled, swapped, scaled])
      expect((await evaluate(other, 0.2)).loss).toBeCloseTo(loss, 5);
    const mismatched = [0, 1, 2, 3, 5, 4, 6, 7].flatMap(row);
    expect(Math.abs((await evaluate(mismatched, 0.2)).loss - loss)).toBeGreaterThan(1e-3);
  });

  test("is near 0 for views that agree and pictures that do not", async () => {
    const axes = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    const { loss, accuracy } = await evaluate([...axes, ...axes], 0.05, 3);
    expect(loss).toBeCloseTo(Math.log(1 + 4 * Math.exp(-20)), 5);
    expect(accuracy).toBe(1);
  });

  test("counts the share of rows whose other view is nearest", async () => {
    // Pictures 0 and 1 agree with themselves; the second view of picture 2 is close to picture 0.
    const first = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    const second = [1, 0.1, 0, 0, 1, 0.1, 0.9, 0, -0.1];
    expect((await evaluate([...first, ...second], 0.5, 3)).accuracy).toBeCloseTo(4 / 6, 6);
  });

  test("has a finite value and gradient where an embedding is zero", async () => {
    const z = random.slice();
    z.fill(0, 0, D);
    const { loss, gradient } = await evaluate(z, 0.1);
    expect(Number.isFinite(loss) && gradient.every(Number.isFinite)).toBe(true);
  });

  test("takes its temperature as a number or as a graph input", async () => {
    const [first, second] = [input("first", [B, D]), input("second", [B, D])];
    const program = compile({ loss: ntXent(first, second, { temperature: input("temperature", []) }) });
    const feeds = { first: random.subarray(0, B * D), second: random.subarray(B * D) };
    const got = await runOnce(program, { ...feeds, temperature: Float32Array.of(0.3) });
    expect((got.loss as Float32Array)[0]).toBeCloseTo(equation1(Array.from(random), 0.3), 5);
  });

  test.each([false, true])(
    "is the same in stretches of rows, the last one shorter (decoupled: %s)",
    async (decoupled) => {
      const [first, second] = [input("first", [B, D]), input("second", [B, D])];
      const feeds = { first: random.subarray(0, B * D), second: random.subarray(B * D) };
      const run = async (rowsAtOnce: number) => {
        const { loss, accuracy } = ntXentWithAccuracy(first, second, {
          temperature: 0.2,
          rowsAtOnce,
          decoupled,
        });
        const [d1, d2] = gradients(loss, [first, second]);
        return runOnce(compile({ loss, accuracy, d1: d1!, d2: d2! }), feeds);
      };
      const [whole, parts] = [await run(2 * B), await run(3)];
      for (const name of Object.keys(whole))
        expect(relativeError(parts[name] as Float32Array, whole[name] as Float32Array), name).toBeLessThan(
          1e-5,
        );
    },
  );

  test("takes memory that grows with the batch, not with its square", () => {
    const bytes = (b: number) => {
      const [first, second] = [input("first", [b, 16]), input("second", [b, 16])];
      const { loss, accuracy } = ntXentWithAccuracy(first, second, { temperature: 0.2 });
      const [d1, d2] = gradients(loss, [first, second]);
      return compile({ loss, accuracy, d1: d1!, d2: d2! }).peakBytes;
    };
    expect(bytes(4096)).toBeLessThan(1.5 * bytes(1024));
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(random, 0.1)).toEqual(await evaluate(random, 0.1));
  });

  test.each([0.1, 0.5])("is DCL at temperature %f where it is decoupled", async (temperature) => {
    const { loss, gradient, accuracy } = await evaluate(random, temperature, D, true);
    const formula = (z: readonly number[]) => decoupledEquation(z, temperature);
    expect(relativeError([loss], [formula(Array.from(random))])).toBeLessThan(1e-5);
    expect(relativeError(gradient, finiteDifferences(formula, random))).toBeLessThan(1e-4);
    expect(accuracy).toBe((await evaluate(random, temperature)).accuracy);
  });

  test("is ln(2B - 2) when it is decoupled and all embeddings are equal", async () => {
    const { loss } = await evaluate(new Float32Array(2 * B * D).fill(0.7), 0.1, D, true);
    expect(loss).toBeCloseTo(Math.log(2 * B - 2), 5);
  });

  test("is not decoupled for a single picture, which has no negatives", () => {
    const views = [input("a", [1, 6]), input("b", [1, 6])] as const;
    expect(() => ntXent(...views, { temperature: 1, decoupled: true })).toThrow(
      /one picture has no negatives/,
    );
    expect(() => ntXent(...views, { temperature: 1 })).not.toThrow();
  });

  test("refuses views of different shapes", () => {
    expect(() => ntXent(input("a", [4, 6]), input("b", [3, 6]), { temperature: 1 })).toThrow(
      /two views \[B, D\] of the same shape/,
    );
  });
});
