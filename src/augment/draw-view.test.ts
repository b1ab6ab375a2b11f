import { describe, expect, test } from "vitest";
import { randomStream } from "../random/random-stream.ts";
import { drawView, type ViewDraw } from "./draw-view.ts";
import type { ViewSpec } from "./view-spec.ts";

const spec: ViewSpec = {
  name: "v",
  size: 32,
  crop: { scale: [0.2, 1], ratio: [3 / 4, 4 / 3], interpolation: "bilinear" },
  flip: 0.5,
  jitter: { probability: 0.8, brightness: 0.4, contrast: 1.5, saturation: 0.2, hue: 0.1 },
  greyscale: 0.2,
  blur: { probability: 0.3, sigma: [0.1, 2], kernel: 5 },
  solarize: { probability: 0.1, threshold: 0.5 },
  normalize: null,
};
const picture = { height: 48, width: 40 };
const COUNT = 24_000;
const draws = Array.from({ length: COUNT }, (_, i) => drawView(spec, picture, randomStream(2, "view", 0, i)));

/** Expects a share within four standard deviations of the probability. */
function expectShare(has: (draw: ViewDraw) => boolean, probability: number, among = draws): void {
  const share = among.filter(has).length / among.length;
  const deviation = Math.sqrt((probability * (1 - probability)) / among.length);
  expect(Math.abs(share - probability)).toBeLessThan(4 * deviation);
}

describe("drawing a view", () => {
  test("gives the same view for the same stream and another one for another", () => {
    const again = drawView(spec, picture, randomStream(2, "view", 0, 7));
    expect(again).toEqual(draws[7]);
    expect(drawView(spec, picture, randomStream(2, "view", 1, 7))).not.toEqual(draws[7]);
  });

  test("does everything as often as it should", () => {
    expectShare(({ flip }) => flip, 0.5);
    expectShare(({ jitter }) => jitter.length > 0, 0.8);
    expectShare(({ greyscale }) => greyscale, 0.2);
    expectShare(({ sigma }) => sigma !== null, 0.3);
    expectShare(({ solarize }) => solarize, 0.1);
  });

  test("draws its parts independently of one another", () => {
    const flipped = draws.filter(({ flip }) => flip);
    expectShare(({ greyscale }) => greyscale, 0.2, flipped);
    expectShare(({ solarize }) => solarize, 0.1, flipped);
    expectShare(
      ({ jitter }) => jitter.length > 0,
      0.8,
      draws.filter(({ sigma }) => sigma !== null),
    );
  });

  test("applies the jitter's parts in each of the 24 orders equally often", () => {
    const jittered = draws.filter(({ jitter }) => jitter.length > 0);
    const orderOf = ({ jitter }: ViewDraw) => jitter.map(({ part }) => part).join();
    const orders = new Set(jittered.map(orderOf));
    expect(orders.size).toBe(24);
    for (const order of orders) expectShare((draw) => orderOf(draw) === order, 1 / 24, jittered);
  });

  test("spreads factors evenly over [max(0, 1 - reach), 1 + reach], hue over ± its reach, sigma over its range", () => {
    const values = (part: string) =>
      draws.flatMap(({ jitter }) => jitter.filter((step) => step.part === part).map(({ value }) => value));
    const sigmas = draws.flatMap(({ sigma }) => (sigma === null ? [] : [sigma]));
    const ranges: [number[], number, number][] = [
      [values("brightness"), 0.6, 1.4],
      [values("contrast"), 0, 2.5],
      [values("saturation"), 0.8, 1.2],
      [values("hue"), -0.1, 0.1],
      [sigmas, 0.1, 2],
    ];
    for (const [drawn, low, high] of ranges) {
      expect(Math.min(...drawn)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...drawn)).toBeLessThanOrEqual(high);
      const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
      const deviation = (high - low) / Math.sqrt(12 * drawn.length);
      expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(4 * deviation);
      expect(Math.min(...drawn) - low).toBeLessThan((high - low) / 100);
      expect(high - Math.max(...drawn)).toBeLessThan((high - low) / 100);
    }
  });

  test("leaves out what the view leaves out", () => {
    const plain = { ...spec, jitter: null, blur: null, solarize: null, greyscale: 0, flip: 0 };
    const { crop: _, ...rest } = drawView(plain, picture, randomStream(2, "view", 0, 0));
    expect(rest).toEqual({ flip: false, jitter: [], greyscale: false, sigma: null, solarize: false });
    const noHue = { ...spec, jitter: { ...spec.jitter!, probability: 1, hue: 0 } };
    const { jitter } = drawView(noHue, picture, randomStream(2, "view", 0, 0));
    expect(jitter.map(({ part }) => part).sort()).toEqual(["brightness", "contrast", "saturation"]);
  });
});
