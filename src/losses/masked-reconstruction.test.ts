import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, rowsOf, total } from "../../test/support/rows.ts";
import { constant, input } from "../tensor/index.ts";
import { maeLoss, simmimLoss } from "./masked-reconstruction.ts";

const [B, C, H, W, P] = [2, 3, 4, 6, 2];
const [ROWS, COLUMNS] = [H / P, W / P];
const [N, D] = [ROWS * COLUMNS, P * P * C];
const MASK = [1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0];
const pictures = deterministic("mask.pictures", B * C * H * W);

const hidden = (b: number, y: number, x: number) =>
  MASK[b * N + Math.floor(y / P) * COLUMNS + Math.floor(x / P)]!;
const pixel = (b: number, c: number, y: number, x: number) => pictures[((b * C + c) * H + y) * W + x]!;

describe("maeLoss", () => {
  const prediction = deterministic("mae.prediction", B * N * D);

  /** `patchify` of `models_mae.py`: the values of patch (b, i). */
  function patchOf(b: number, i: number): number[] {
    const [top, left] = [Math.floor(i / COLUMNS) * P, (i % COLUMNS) * P];
    const places = Array.from(
      { length: P * P },
      (_, k) => [top + Math.floor(k / P), left + (k % P)] as const,
    );
    return places.flatMap(([y, x]) => Array.from({ length: C }, (_, c) => pixel(b, c, y, x)));
  }

  function normalized(patch: number[]): number[] {
    const mean = average(patch);
    const variance = total(patch.map((value) => (value - mean) ** 2)) / (patch.length - 1);
    return patch.map((value) => (value - mean) / Math.sqrt(variance + 1e-6));
  }

  function formula(values: ArrayLike<number>, normalize: boolean): number {
    const errors = rowsOf(values, D).flatMap((row, r) => {
      if (MASK[r] === 0) return [];
      const patch = patchOf(Math.floor(r / N), r % N);
      const target = normalize ? normalized(patch) : patch;
      return row.map((value, k) => (value - target[k]!) ** 2);
    });
    return average(errors);
  }

  function evaluate(values = prediction, normalize?: boolean, mask = MASK) {
    return evaluateLoss({ prediction: { data: values, shape: [B, N, D] } }, (t) => ({
      loss: maeLoss({
        prediction: t.prediction,
        pictures: constant(pictures, [B, C, H, W]),
        mask: constant(mask, [B, N], "bool"),
        patchSize: P,
        ...(normalize === undefined ? {} : { normalize }),
      }),
    }));
  }

  test.each([true, false])("is the formula, in value and gradient, normalized: %s", async (normalize) => {
    const got = await evaluate(prediction, normalize);
    const at = (values: ArrayLike<number>) => formula(values, normalize);
    expect(relativeError(got.loss!, [at(prediction)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/prediction"]!, finiteDifferences(at, prediction))).toBeLessThan(1e-4);
  });

  test("normalizes unless told otherwise, and does not look at patches that were seen", async () => {
    const { loss } = await evaluate(prediction, true);
    const others = prediction.map((value, i) => (MASK[Math.floor(i / D)] === 1 ? value : value + i));
    expect((await evaluate(others)).loss![0]).toBeCloseTo(loss![0]!, 6);
  });

  test("is (D - 1)/D for normalized patches predicted as 0, and 0 for the pixels themselves or no hidden patch", async () => {
    expect((await evaluate(new Float32Array(B * N * D))).loss![0]).toBeCloseTo((D - 1) / D, 4);
    const patches = Float32Array.from(MASK.flatMap((_, r) => patchOf(Math.floor(r / N), r % N)));
    expect((await evaluate(patches, false)).loss).toEqual([0]);
    const nothing = MASK.map(() => 0);
    expect((await evaluate(prediction, true, nothing)).loss).toEqual([0]);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate()).toEqual(await evaluate());
  });

  test("refuses a prediction or a mask of another number of patches", () => {
    const given = { pictures: input("x", [B, C, H, W]), patchSize: P };
    const [right, mask] = [input("p", [B, N, D]), input("m", [B, N])];
    const wrong = { ...given, prediction: input("p", [B, N, D + 1]), mask };
    expect(() => maeLoss(wrong)).toThrow(/a prediction \[2,6,12\] and a mask \[B, N\]/);
    expect(() => maeLoss({ ...given, prediction: right, mask: input("m", [B, N + 1]) })).toThrow(/a mask/);
  });
});

describe("simmimLoss", () => {
  const prediction = deterministic("simmim.prediction", B * C * H * W);

  /** `SimMIM.forward`: the mask repeated to pixels. */
  function formula(values: ArrayLike<number>): number {
    let [sum, count] = [0, 0];
    for (let b = 0; b < B; b++)
      for (let y = 0; y < H; y++)
        for (let x = 0; x < W; x++) {
          count += hidden(b, y, x);
          for (let c = 0; c < C; c++)
            sum += Math.abs(pixel(b, c, y, x) - values[((b * C + c) * H + y) * W + x]!) * hidden(b, y, x);
        }
    return sum / (count + 1e-5) / C;
  }

  function evaluate(values = prediction, mask = MASK) {
    return evaluateLoss({ prediction: { data: values, shape: [B, C, H, W] } }, (t) => ({
      loss: simmimLoss({
        prediction: t.prediction,
        pictures: constant(pictures, [B, C, H, W]),
        mask: constant(mask, [B, ROWS, COLUMNS]),
      }),
    }));
  }

  test("is the formula, in value and gradient", async () => {
    const got = await evaluate();
    expect(relativeError(got.loss!, [formula(prediction)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/prediction"]!, finiteDifferences(formula, prediction))).toBeLessThan(1e-4);
  });

  test("does not look at pixels that were seen", async () => {
    const { loss } = await evaluate();
    const others = prediction.map((value, i) => {
      const [b, y, x] = [Math.floor(i / (C * H * W)), Math.floor(i / W) % H, i % W];
      return hidden(b, y, x) === 1 ? value : value + i;
    });
    expect((await evaluate(others)).loss![0]).toBeCloseTo(loss![0]!, 6);
  });

  test("is the error where it is the same everywhere, 0 where nothing is hidden", async () => {
    expect((await evaluate(pictures.map((value) => value + 0.25))).loss![0]).toBeCloseTo(0.25, 5);
    expect(
      (
        await evaluate(
          prediction,
          MASK.map(() => 0),
        )
      ).loss,
    ).toEqual([0]);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate()).toEqual(await evaluate());
  });

  test("refuses pictures of different shapes and a mask that does not divide them", () => {
    const [x, mask] = [input("x", [B, C, H, W]), input("m", [B, ROWS, COLUMNS])];
    const refused = /a prediction and pictures \[B, C, H, W\], and a mask \[B, h, w\]/;
    const shorter = input("p", [B, C, H, W - 1]);
    expect(() => simmimLoss({ prediction: shorter, pictures: x, mask })).toThrow(refused);
    expect(() => simmimLoss({ prediction: x, pictures: x, mask: input("m", [B, 3, COLUMNS]) })).toThrow(
      refused,
    );
  });
});
