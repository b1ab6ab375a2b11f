import { describe, expect, test } from "vitest";
import { readFixture } from "../../test/support/fixtures.ts";
import { randomStream } from "../random/random-stream.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import type { JitterDraw, JitterPart, ViewDraw } from "./draw-view.ts";
import { jitterSteps } from "./jitter-steps.ts";
import { PARAMETER_COUNT, writeViewParameters } from "./view-parameters.ts";
import type { JitterSpec, ViewSpec } from "./view-spec.ts";
import { applySteps } from "./view-step.ts";

const STRONG: JitterSpec = { probability: 1, brightness: 1, contrast: 1, saturation: 1, hue: 0.5 };
const fixture = readFixture("augment");

/** Each of the pictures `[B, 3, H, W]` with its own jitter. */
async function jittered(
  pictures: Float32Array,
  [height, width]: [number, number],
  draws: readonly JitterDraw[],
  spec = STRONG,
): Promise<Float32Array> {
  const b = draws.length;
  const parameters = new Float32Array(b * PARAMETER_COUNT);
  const rest: Omit<ViewDraw, "jitter"> = {
    crop: { top: 0, left: 0, height, width },
    flip: false,
    greyscale: false,
    sigma: null,
    solarize: false,
  };
  for (const [i, jitter] of draws.entries()) {
    writeViewParameters({ solarize: null } as ViewSpec, { ...rest, jitter }, parameters, i * PARAMETER_COUNT);
  }
  const y = applySteps(
    input("x", [b, 3, height, width]),
    input("parameters", [b, PARAMETER_COUNT]),
    jitterSteps(spec),
  );
  const { y: result } = await runOnce(compile({ y }), { x: pictures, parameters });
  return result as Float32Array;
}

function worst(a: Float32Array, b: Float32Array | number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

const inUnit = (x: number) => Math.min(1, Math.max(0, x));
const grey = ([r, g, b]: readonly number[]) => 0.2989 * r! + 0.587 * g! + 0.114 * b!;

/** The colour with another hue angle and the same saturation and value, by the textbook formulas. */
function turnHue([r, g, b]: readonly number[], turns: number): number[] {
  const [value, least] = [Math.max(r!, g!, b!), Math.min(r!, g!, b!)];
  const chroma = value - least;
  if (chroma === 0) return [r!, g!, b!];
  const sixths =
    value === r ? (g! - b!) / chroma : value === g ? 2 + (b! - r!) / chroma : 4 + (r! - g!) / chroma;
  const angle = ((sixths / 6 + turns) % 1) + 1;
  return [5, 3, 1].map((n) => {
    const k = (n + 6 * angle) % 6;
    return value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
  });
}

/** torchvision's ColorJitter written plainly: one picture as a list of pixels. */
function plainJitter(pixels: number[][], jitter: JitterDraw): number[][] {
  return jitter.reduce((now, { part, value }) => {
    const mean = now.reduce((sum, pixel) => sum + grey(pixel), 0) / now.length;
    const blend = (pixel: number[], other: number) =>
      pixel.map((x) => inUnit(value * x + (1 - value) * other));
    const apply: Record<JitterPart, (pixel: number[]) => number[]> = {
      brightness: (pixel) => blend(pixel, 0),
      contrast: (pixel) => blend(pixel, mean),
      saturation: (pixel) => blend(pixel, grey(pixel)),
      hue: (pixel) => turnHue(pixel, value),
    };
    return now.map(apply[part]);
  }, pixels);
}

const toPlanes = (pixels: number[][]) => [0, 1, 2].flatMap((c) => pixels.map((pixel) => pixel[c]!));

function randomPixels(count: number, index: number): number[][] {
  const random = randomStream(1, "pixels", 0, index);
  return Array.from({ length: count }, () => [random.uniform(), random.uniform(), random.uniform()]);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

describe("the colour jitter", () => {
  for (const picture of ["landscape", "square"]) {
    const [, height, width] = fixture.shape(`picture/${picture}`) as [number, number, number];
    const pixels = Float32Array.from(fixture.numbers(`picture/${picture}`), (value) => value / 255);

    for (const part of ["brightness", "contrast", "saturation", "hue"] as const) {
      test(`changes the ${part} of the ${picture} picture as torchvision does`, async () => {
        for (const factor of fixture.endings(`${part}/${picture}/`)) {
          const draw = [{ part, value: Number(factor) }];
          const alone = {
            ...STRONG,
            brightness: 0,
            contrast: 0,
            saturation: 0,
            hue: 0,
            [part]: STRONG[part],
          };
          for (const spec of [STRONG, alone]) {
            const result = await jittered(pixels, [height, width], [draw], spec);
            expect(worst(result, fixture.floats(`${part}/${picture}/${factor}`))).toBeLessThan(1e-5);
          }
        }
      });
    }

    test(`jitters the ${picture} picture as torchvision does`, async () => {
      const jitters = fixture.setting<Record<JitterPart, number>[]>("jitters");
      for (const [i, factors] of jitters.entries()) {
        const draw = Object.entries(factors).map(([part, value]) => ({ part: part as JitterPart, value }));
        const result = await jittered(pixels, [height, width], [draw]);
        expect(worst(result, fixture.floats(`jitter/${picture}/${i}`))).toBeLessThan(1e-5);
      }
    });
  }

  test("is right in all 24 orders at once, each picture with its own", async () => {
    const orders = permutations<JitterPart>(["brightness", "contrast", "saturation", "hue"]);
    const draws = orders.map((order, i) => {
      const random = randomStream(2, "factors", 0, i);
      return order.map((part) => ({
        part,
        value: part === "hue" ? random.uniform(-0.5, 0.5) : random.uniform(0, 2),
      }));
    });
    const pictures = draws.map((_, i) => randomPixels(6 * 7, i));
    const expected = pictures.flatMap((pixels, i) => toPlanes(plainJitter(pixels, draws[i]!)));
    const result = await jittered(Float32Array.from(pictures.flatMap(toPlanes)), [6, 7], draws);
    expect(worst(result, expected)).toBeLessThan(1e-5);
  });

  test("leaves a picture without a jitter among others as it is", async () => {
    const pixels = randomPixels(25, 100);
    const planes = toPlanes(pixels);
    const draws = [[], [{ part: "contrast", value: 0.3 }] as const];
    const result = await jittered(Float32Array.from([...planes, ...planes]), [5, 5], draws);
    expect(worst(result.subarray(0, 75), Float32Array.from(planes))).toBeLessThan(1e-6);
    expect(worst(result.subarray(75), planes)).toBeGreaterThan(0.1);
  });

  test("turns every hue by every angle, greys, pure colours and ties included", async () => {
    const levels = [0, 0.25, 0.5, 0.75, 1];
    const grid = levels.flatMap((r) => levels.flatMap((g) => levels.map((b) => [r, g, b])));
    const pixels = [...grid, ...randomPixels(100, 101)]; // 15 × 15
    const shifts = Array.from({ length: 41 }, (_, i) => (i - 20) / 40);
    const expected = shifts.flatMap((shift) => toPlanes(pixels.map((pixel) => turnHue(pixel, shift))));
    const draws = shifts.map((value) => [{ part: "hue" as const, value }]);
    const result = await jittered(
      Float32Array.from(shifts.flatMap(() => toPlanes(pixels))),
      [15, 15],
      draws,
      { ...STRONG, brightness: 0, contrast: 0, saturation: 0 },
    );
    expect(worst(result, expected)).toBeLessThan(1e-5);
  });

  test("makes only the parts it has", () => {
    const count = (spec: JitterSpec | null) => jitterSteps(spec).length;
    const none = { ...STRONG, brightness: 0, contrast: 0, saturation: 0, hue: 0 };
    expect(count(null)).toBe(0);
    expect(count(none)).toBe(0);
    expect(count({ ...none, brightness: 0.4 })).toBe(1);
    expect(count({ ...none, hue: 0.1 })).toBe(1);
    expect(count({ ...none, hue: 0.2 })).toBe(2); // beyond a sixth of a turn channels are exchanged first
    expect(count({ ...none, contrast: 0.4, hue: 0.1 })).toBe(3);
    expect(count(STRONG)).toBe(7);
  });
});
