import { describe, expect, test } from "vitest";
import { readFixture } from "../../test/support/fixtures.ts";
import { randomStream } from "../random/random-stream.ts";
import { runOnce } from "../runtime/session.ts";
import { abs, compile, concat, input, max, sliceAxis, sub, type Tensor, transpose } from "../tensor/index.ts";
import { cropResize, resize, resizeMatrices } from "./interpolation.ts";
import type { Box } from "./random-crop.ts";
import type { Interpolation } from "./view-spec.ts";

const CANVAS = 43;
const MODES: readonly Interpolation[] = ["bilinear", "bicubic"];
const fixture = readFixture("augment");

/** A picture of the fixture in the corner of a canvas whose rest is filled with something else. */
function canvasOf(picture: string, rest: number): Uint8Array {
  const [, height, width] = fixture.shape(`picture/${picture}`) as [number, number, number];
  const bytes = fixture.numbers(`picture/${picture}`);
  const canvas = new Uint8Array(3 * CANVAS * CANVAS).fill(rest);
  for (let row = 0; row < 3 * height; row++) {
    const [c, y] = [Math.floor(row / height), row % height];
    canvas.set(bytes.slice(row * width, (row + 1) * width), (c * CANVAS + y) * CANVAS);
  }
  return canvas;
}

async function crop(canvas: Uint8Array, box: Box, [height, width]: [number, number], mode: Interpolation) {
  const x = input("x", [1, 3, CANVAS, CANVAS], "uint8");
  const region = { start: input("start", [1, 2]), extent: input("extent", [1, 2]), flip: null };
  const { rows } = resizeMatrices(region, height, CANVAS, mode);
  const { columns } = resizeMatrices(region, width, CANVAS, mode);
  const { y } = await runOnce(compile({ y: resize(x, { rows, columns }) }), {
    x: canvas,
    start: Float32Array.of(box.top, box.left),
    extent: Float32Array.of(box.height, box.width),
  });
  return y as Float32Array;
}

/** Flipped and not, of a canvas of noise. */
async function square(out: number, box: Box, flips: number[], mode: Interpolation): Promise<Float32Array> {
  const random = randomStream(1, "canvas", 0, 0);
  const b = flips.length / 2;
  const canvas = Uint8Array.from({ length: 3 * CANVAS * CANVAS }, () => random.integer(0, 256));
  const region = {
    start: input("start", [b, 2]),
    extent: input("extent", [b, 2]),
    flip: input("flip", [b, 2]),
  };
  const x = input("x", [b, 3, CANVAS, CANVAS], "uint8");
  const each = (values: number[]) => Float32Array.from({ length: 2 * b }, (_, i) => values[i % 2]!);
  const { y } = await runOnce(compile({ y: cropResize(x, region, out, mode) }), {
    x: Uint8Array.from({ length: b * canvas.length }, (_, i) => canvas[i % canvas.length]!),
    start: each([box.top, box.left]),
    extent: each([box.height, box.width]),
    flip: Float32Array.from(flips),
  });
  return y as Float32Array;
}

function worst(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe("crop and resize by matrices", () => {
  for (const picture of ["landscape", "square", "portrait"]) {
    for (const mode of MODES) {
      test(`is torchvision's antialiased ${mode} resized_crop of the ${picture} picture`, async () => {
        const boxes = fixture.numbers(`resized_crop/${picture}/boxes`);
        for (let i = 0; i < boxes.length / 6; i++) {
          const [top, left, height, width, outHeight, outWidth] = boxes.slice(6 * i, 6 * i + 6) as number[];
          const box = { top: top!, left: left!, height: height!, width: width! };
          const result = await crop(canvasOf(picture, 99), box, [outHeight!, outWidth!], mode);
          expect(worst(result, fixture.floats(`resized_crop/${picture}/${i}/${mode}`))).toBeLessThan(1e-5);
        }
      });
    }
  }

  test("sees nothing outside its box", async () => {
    const box = { top: 0, left: 0, height: 24, width: 32 };
    for (const mode of MODES) {
      const black = await crop(canvasOf("landscape", 0), box, [40, 10], mode);
      const white = await crop(canvasOf("landscape", 255), box, [40, 10], mode);
      expect(worst(black, white)).toBe(0);
    }
  });

  test("leaves a picture of one colour as it is, at any size", async () => {
    const canvas = new Uint8Array(3 * CANVAS * CANVAS).fill(51);
    for (const mode of MODES) {
      for (const size of [1, 2, 5, 43, 60]) {
        const result = await crop(canvas, { top: 3, left: 1, height: 7, width: 40 }, [size, size], mode);
        expect(worst(result, new Float32Array(3 * size * size).fill(0.2))).toBeLessThan(1e-6);
      }
    }
  });

  test("copies the pixels when nothing changes size", async () => {
    const box = { top: 5, left: 7, height: 16, width: 16 };
    const canvas = canvasOf("square", 0);
    for (const mode of MODES) {
      const result = await crop(canvas, box, [16, 16], mode);
      const expected = Float32Array.from(
        { length: 3 * 256 },
        (_, i) =>
          canvas[(Math.floor(i / 256) * CANVAS + 5 + (Math.floor(i / 16) % 16)) * CANVAS + 7 + (i % 16)]! /
          255,
      );
      expect(worst(result, expected)).toBeLessThan(1e-6);
    }
  });

  test("turns each picture of a batch round along the axes it is told to", async () => {
    const out = 9;
    const box = { top: 2, left: 11, height: 31, width: 20 };
    for (const mode of MODES) {
      const all = await square(out, box, [0, 0, 0, 1, 1, 0], mode);
      const [plain, mirrored, upsideDown] = [0, 1, 2].map((i) =>
        all.slice(i * 3 * out * out, (i + 1) * 3 * out * out),
      );
      const at = (c: number, y: number, x: number) => plain![(c * out + y) * out + x]!;
      const moved = (f: (c: number, y: number, x: number) => number) =>
        Float32Array.from({ length: 3 * out * out }, (_, i) =>
          f(Math.floor(i / (out * out)), Math.floor(i / out) % out, i % out),
        );
      expect(
        worst(
          mirrored!,
          moved((c, y, x) => at(c, y, out - 1 - x)),
        ),
      ).toBeLessThan(1e-5);
      expect(
        worst(
          upsideDown!,
          moved((c, y, x) => at(c, out - 1 - y, x)),
        ),
      ).toBeLessThan(1e-5);
      expect(worst(mirrored!, plain!)).toBeGreaterThan(0.01);
    }
  });

  test("does to rows, which go in bands, what it does to columns, which do not", async () => {
    const [b, canvas, out] = [24, 200, 96];
    const random = randomStream(2, "bands", 0, 0);
    const noise = Uint8Array.from({ length: b * 3 * canvas * canvas }, () => random.integer(0, 256));
    const extent = Array.from({ length: 2 * b }, (_, i) => (i < 4 ? canvas : random.integer(1, canvas + 1)));
    const start = extent.map((side) => random.integer(0, canvas - side + 1));
    const flip = extent.map(() => random.integer(0, 2));
    for (const mode of MODES) {
      const given = {
        extent: input("extent", [b, 2]),
        start: input("start", [b, 2]),
        flip: input("flip", [b, 2]),
      };
      const turn = (x: Tensor) => transpose(x, [0, 1, 3, 2]);
      const swap = (pair: Tensor) => concat([sliceAxis(pair, 1, 1, 2), sliceAxis(pair, 1, 0, 1)], 1);
      const turned = { extent: swap(given.extent), start: swap(given.start), flip: swap(given.flip) };
      expect(resizeMatrices(given, out, canvas, mode).rows.first).not.toBeNull();
      const x = input("x", [b, 3, canvas, canvas], "uint8");
      const apart = abs(sub(cropResize(x, given, out, mode), turn(cropResize(turn(x), turned, out, mode))));
      const { most } = await runOnce(compile({ most: max(apart) }), {
        x: noise,
        extent: Float32Array.from(extent),
        start: Float32Array.from(start),
        flip: Float32Array.from(flip),
      });
      expect(most![0]).toBeLessThan(1e-5);
    }
  });

  test("cuts off what the cubic kernel throws beyond black and white", async () => {
    const result = await square(80, { top: 0, left: 0, height: 30, width: 30 }, [0, 0], "bicubic");
    expect(Math.min(...result)).toBe(0);
    expect(Math.max(...result)).toBe(1);
  });
});
