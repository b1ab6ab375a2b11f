import { describe, expect, test } from "vitest";
import { randomStream } from "../random/random-stream.ts";
import { drawView } from "./draw-view.ts";
import { drawViewParameters, PARAMETER, PARAMETER_COUNT, writeViewParameters } from "./view-parameters.ts";
import { byolViews } from "./view-sets.ts";

const [, spec] = byolViews({ size: 96 });
const picture = { height: 100, width: 128 };

describe("a view's parameters", () => {
  test("are those of the view that the stream draws", () => {
    const [drawn, written] = [new Float32Array(PARAMETER_COUNT), new Float32Array(PARAMETER_COUNT)];
    drawViewParameters(spec!, picture, randomStream(1, "view", 2, 3), drawn, 0);
    writeViewParameters(spec!, drawView(spec!, picture, randomStream(1, "view", 2, 3)), written, 0);
    expect(drawn).toEqual(written);
    drawViewParameters(spec!, picture, randomStream(1, "view", 2, 4), drawn, 0);
    expect(drawn).not.toEqual(written);
  });

  test("fill their own row and nothing else", () => {
    const out = new Float32Array(3 * PARAMETER_COUNT).fill(Number.NaN);
    drawViewParameters(spec!, picture, randomStream(1, "view", 0, 0), out, PARAMETER_COUNT);
    const rows = [0, 1, 2].map((i) => out.slice(i * PARAMETER_COUNT, (i + 1) * PARAMETER_COUNT));
    expect(rows.map((row) => row.every(Number.isNaN))).toEqual([true, false, true]);
    expect(rows[1]!.some(Number.isNaN)).toBe(false);
  });

  test("hold the crop in pixels, and the blur as 1 / (2σ²)", () => {
    const out = new Float32Array(PARAMETER_COUNT);
    const crop = { top: 3, left: 4, height: 50, width: 60 };
    writeViewParameters(
      spec!,
      { crop, flip: true, jitter: [], greyscale: true, sigma: 2, solarize: true },
      out,
      0,
    );
    expect([...out.subarray(PARAMETER.start, PARAMETER.start + 6)]).toEqual([3, 4, 50, 60, 0, 1]);
    expect(out[PARAMETER.greyscale]).toBe(1);
    expect(out[PARAMETER.blur]).toBe(1 / 8);
    expect(out[PARAMETER.solarize]).toBe(0.5);
  });
});
