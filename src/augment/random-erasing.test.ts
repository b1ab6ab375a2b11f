import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { randomStream } from "../random/random-stream.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { drawErasing, ERASING, type ErasingSpec, erasePictures } from "./random-erasing.ts";

const [B, C, S] = [3, 2, 6];
const views = deterministic("erase.views", B * C * S * S);
const noise = deterministic("erase.noise", B * C * S * S, 3);
const BOXES = [
  [0, 0, 0, 0],
  [1, 2, 4, 6],
  [0, 0, 6, 1],
];

function plain(fill: (at: number) => number): number[] {
  return Array.from(views, (value, at) => {
    const [top, left, bottom, right] = BOXES[Math.floor(at / (C * S * S))]! as [
      number,
      number,
      number,
      number,
    ];
    const [row, column] = [Math.floor(at / S) % S, at % S];
    return row >= top && row < bottom && column >= left && column < right ? fill(at) : value;
  });
}

describe("erased views", () => {
  test.each([true, false])("have their boxes filled with noise (%s) or 0, to the bit", async (isNoisy) => {
    const [x, boxes, n] = [input("x", [B, C, S, S]), input("boxes", [B, 4]), input("n", [B, C, S, S])];
    const program = compile({ y: isNoisy ? erasePictures(x, boxes, n) : erasePictures(x, boxes) });
    const { y } = await runOnce(program, {
      x: views,
      boxes: Float32Array.from(BOXES.flat()),
      ...(isNoisy && { n: noise }),
    });
    expect(Array.from(y as Float32Array)).toEqual(plain((at) => (isNoisy ? noise[at]! : 0)));
  });

  test("refuse boxes and noise that do not fit", () => {
    const x = input("x", [B, C, S, S]);
    expect(() => erasePictures(x, input("b", [B, 3]))).toThrow("boxes [B, 4]");
    expect(() => erasePictures(x, input("b", [B, 4]), input("n", [B, 1, S, S]))).toThrow(
      "noise of the views' shape",
    );
  });
});

const COUNT = 6000;
const always: ErasingSpec = { ...ERASING, probability: 1 };
const draws = (spec: ErasingSpec, size: number, count = COUNT) =>
  Array.from({ length: count }, (_, at) => drawErasing(spec, size, randomStream(5, "draw/erase", 0, at)));

/** `RandomErasing._erase` of timm, written plainly: the size of the box, or null after ten tries. */
function timm(
  { area: [least, most], ratio }: ErasingSpec,
  size: number,
  uniform: (a: number, b: number) => number,
) {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = uniform(least, most) * size * size;
    const aspect = Math.exp(uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const [h, w] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (w < size && h < size) return [h, w];
  }
  return null;
}

describe("drawing a box to erase", () => {
  test("happens as often as it should and is a function of the stream", () => {
    const erased = draws(ERASING, 32).filter(([, , bottom]) => bottom > 0).length;
    expect(Math.abs(erased / COUNT - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / COUNT));
    expect(draws(ERASING, 32, 40)).toEqual(draws(ERASING, 32, 40));
  });

  test("gives boxes inside of the view, of timm's heights and widths", () => {
    const boxes = draws(always, 64);
    const random = randomStream(8, "reference", 0, 0);
    const reference = boxes.map(() => timm(always, 64, (a, b) => random.uniform(a, b))!);
    for (const [top, left, bottom, right] of boxes)
      expect(top >= 0 && left >= 0 && top < bottom && left < right && bottom <= 64 && right <= 64).toBe(true);
    const own = boxes.map(([top, left, bottom, right]) => [bottom - top, right - left]);
    for (const side of [0, 1])
      for (const power of [1, 2, 3]) {
        const mean = (rows: readonly number[][]) =>
          rows.reduce((sum, row) => sum + (row[side]! / 64) ** power, 0) / COUNT;
        expect(Math.abs(mean(own) - mean(reference))).toBeLessThan(4 * Math.sqrt(0.1 / COUNT));
      }
  });

  test("puts boxes evenly over the places they can have", () => {
    const shares = draws(always, 64).map(([top, , bottom]) => (top + 0.5) / (64 - (bottom - top) + 1));
    const mean = shares.reduce((sum, share) => sum + share, 0) / COUNT;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * COUNT));
  });

  test("gives up where no box is smaller than the view", () => {
    expect(draws({ ...always, area: [1, 1], ratio: [1, 1] }, 8, 20)).toEqual(
      new Array(20).fill([0, 0, 0, 0]),
    );
  });

  test("refuses settings out of range", () => {
    expect(() => draws({ ...ERASING, probability: -1 }, 8, 1)).toThrow("(probability)");
    expect(() => draws({ ...ERASING, area: [0.5, 0.2] }, 8, 1)).toThrow("(area)");
    expect(() => draws({ ...ERASING, ratio: [0, 1] }, 8, 1)).toThrow("(ratio)");
  });
});
