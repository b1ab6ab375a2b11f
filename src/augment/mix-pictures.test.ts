import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { relativeError } from "../../test/support/probe.ts";
import { randomStream } from "../random/random-stream.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, input, mul, sum } from "../tensor/index.ts";
import { drawMix, MIX, MIX_PARAMETERS, type MixSpec, mixPictures, mixTargets } from "./mix-pictures.ts";

const [B, C, S, K] = [5, 3, 8, 4];
const pictures = deterministic("mix.pictures", B * C * S * S);
const targets = deterministic("mix.targets", B * K).map((value) => value + 1);
const PARTNERS = [3, 0, 2, 4, 1];

/**
 * One batch in timm's words: `Mixup._mix_batch` and `mixup_target` with another partner than the batch
 * backwards.
 */
interface TimmBatch {
  lam: number;
  /** yl, yh, xl, xh of cutmix. */
  box?: readonly [number, number, number, number];
}

function timm({ lam, box }: TimmBatch): { pictures: number[]; targets: number[] } {
  const x = Array.from(pictures);
  for (let at = 0; at < x.length; at++) {
    const [b, row, column] = [Math.floor(at / (C * S * S)), Math.floor(at / S) % S, at % S];
    const partner = pictures[at + (PARTNERS[b]! - b) * C * S * S]!;
    if (box === undefined) x[at] = x[at]! * lam + partner * (1 - lam);
    else if (row >= box[0] && row < box[1] && column >= box[2] && column < box[3]) x[at] = partner;
  }
  const y = Array.from(targets, (own, at) => {
    const b = Math.floor(at / K);
    return own * lam + targets[at + (PARTNERS[b]! - b) * K]! * (1 - lam);
  });
  return { pictures: x, targets: y };
}

const rowOf = ({ lam, box }: TimmBatch) =>
  Float32Array.of(...(box ? [1, lam, box[0], box[2], box[1], box[3]] : [lam, lam, 0, 0, 0, 0]), ...PARTNERS);

async function mix(row: Float32Array) {
  const [x, y, m] = [input("x", [B, C, S, S]), input("y", [B, K]), input("m", [MIX_PARAMETERS + B])];
  const program = compile({ pictures: mixPictures(x, m), targets: mixTargets(y, m) });
  return runOnce(program, { x: pictures, y: targets, m: row });
}

describe("a mixed batch", () => {
  test.each<TimmBatch>([
    { lam: 0.3 },
    { lam: 1 },
    { lam: 1 - 12 / S ** 2, box: [1, 5, 0, 3] },
    { lam: 0, box: [0, S, 0, S] },
    { lam: 1, box: [4, 4, 2, 6] },
  ])("has timm's pictures and targets: %o", async (batch) => {
    const [got, expected] = [await mix(rowOf(batch)), timm(batch)];
    expect(relativeError(got.pictures as Float32Array, expected.pictures)).toBeLessThan(1e-6);
    expect(relativeError(got.targets as Float32Array, expected.targets)).toBeLessThan(1e-6);
    if (batch.lam === 1) expect(got).toEqual({ pictures, targets });
  });

  test("lets the gradient through to both pictures", async () => {
    const weights = deterministic("mix.weights", B * C * S * S);
    const row = rowOf({ lam: 0.3 });
    const got = await evaluateLoss({ x: leaf(pictures, B, C, S, S) }, ({ x }) => ({
      loss: sum(mul(mixPictures(x, constant(row, [row.length])), constant(weights, x.shape))),
    }));
    const step = C * S * S;
    const expected = Array.from(weights, (weight, at) => {
      const other = PARTNERS.indexOf(Math.floor(at / step));
      return 0.3 * weight + 0.7 * weights[other * step + (at % step)]!;
    });
    expect(relativeError(got["grad/x"], expected)).toBeLessThan(1e-5);
  });

  test("refuses what does not fit", () => {
    const m = input("m", [MIX_PARAMETERS + B]);
    expect(() => mixPictures(input("x", [B, C, S, 4]), m)).toThrow("square pictures");
    expect(() => mixPictures(input("x", [4, C, S, S]), m)).toThrow("a mix [6 + B]");
    expect(() => mixTargets(input("y", [B]), m)).toThrow("targets [B, K]");
  });
});

const COUNT = 8000;
function draws(spec: MixSpec, size = 32, count = COUNT): number[][] {
  return Array.from({ length: count }, (_, step) => {
    const out = new Float32Array(MIX_PARAMETERS + 4);
    drawMix(spec, size, randomStream(3, "draw/mix", step, 0), out);
    return Array.from(out);
  });
}

const isCut = ([own, share]: readonly number[]) => own === 1 && share! < 1;
const isMixed = ([own, share]: readonly number[]) => own! < 1 && own === share;

function expectShare(count: number, all: number, probability: number): void {
  const deviation = Math.sqrt((probability * (1 - probability)) / all);
  expect(Math.abs(count / all - probability)).toBeLessThan(4 * deviation);
}

describe("drawing a mix", () => {
  test("gives the same for the same stream, and the partners are a permutation", () => {
    expect(draws(MIX, 32, 50)).toEqual(draws(MIX, 32, 50));
    const all = draws(MIX, 32, 400).map((row) => row.slice(MIX_PARAMETERS));
    for (const partners of all) expect(partners.toSorted()).toEqual([0, 1, 2, 3]);
    expect(new Set(all.map(String)).size).toBe(24);
  });

  test("mixes as often as it should, by cutmix or by mixup", () => {
    const rows = draws({ ...MIX, probability: 0.6, cutmixShare: 0.3 });
    const [cuts, mixes] = [rows.filter(isCut).length, rows.filter(isMixed).length];
    expectShare(mixes, COUNT, 0.6 * 0.7);
    // A box without pixels, or a λ that float32 rounds to 1, is no mix: about 1 in 100.
    expect(cuts / COUNT).toBeGreaterThan(0.6 * 0.3 * 0.9);
    expectShare(cuts + rows.filter(([own, share]) => own === 1 && share === 1).length, COUNT, 1 - 0.6 * 0.7);
  });

  test("draws mixup's λ from Beta(α, α)", () => {
    const shares = draws({ ...MIX, cutmix: 0 }).map(([own]) => own!);
    const mean = shares.reduce((total, share) => total + share, 0) / COUNT;
    const variance = shares.reduce((total, share) => total + (share - 0.5) ** 2, 0) / COUNT;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / (4 * 2.6) / COUNT));
    expect(Math.abs(variance - 1 / (4 * 2.6))).toBeLessThan(0.004);
  });

  test("cuts boxes inside of the picture, with λ the share of pixels that stay", () => {
    for (const [, share, top, left, bottom, right] of draws({ ...MIX, mixup: 0 }) as number[][]) {
      expect(share).toBe(Math.fround(1 - ((bottom! - top!) * (right! - left!)) / 32 ** 2));
      expect(top! >= 0 && left! >= 0 && top! <= bottom! && left! <= right!).toBe(true);
      expect(bottom! <= 32 && right! <= 32).toBe(true);
    }
  });

  test("has boxes of timm's rand_bbox: the same moments of the share of pixels", () => {
    // rand_bbox written plainly, with another generator's numbers.
    const random = randomStream(11, "reference", 0, 0);
    const reference = Array.from({ length: COUNT }, () => {
      const cut = Math.trunc(32 * Math.sqrt(1 - random.uniform())); // Beta(1, 1)
      const [cy, cx] = [random.integer(0, 32), random.integer(0, 32)];
      const clip = (value: number) => Math.min(32, Math.max(0, value));
      const side = (c: number) => clip(c + Math.floor((cut + 1) / 2)) - clip(c - Math.floor(cut / 2));
      return 1 - (side(cy) * side(cx)) / 1024;
    });
    const shares = draws({ ...MIX, mixup: 0 }).map((row) => row[1]!);
    // Odd sides are cut whole.
    expect(draws({ ...MIX, mixup: 0 }).some((row) => (row[4]! - row[2]!) % 2 === 1)).toBe(true);
    for (const power of [1, 2, 3]) {
      const mean = (values: readonly number[]) => values.reduce((total, x) => total + x ** power, 0) / COUNT;
      // Deviation of either at most ½ / √COUNT.
      expect(Math.abs(mean(shares) - mean(reference))).toBeLessThan(4 * Math.sqrt(0.5 / COUNT));
    }
  });

  test("leaves batches alone where nothing is asked for, and refuses settings out of range", () => {
    for (const none of [{ probability: 0 }, { mixup: 0, cutmix: 0 }])
      for (const row of draws({ ...MIX, ...none }, 32, 50))
        expect(row.slice(0, 6)).toEqual([1, 1, 0, 0, 0, 0]);
    expect(() => draws({ ...MIX, probability: 1.5 }, 32, 1)).toThrow(
      "(probability); expected a number from 0 to 1",
    );
    expect(() => draws({ ...MIX, mixup: -1 }, 32, 1)).toThrow("(mixup); expected a number, 0 or more");
  });
});
