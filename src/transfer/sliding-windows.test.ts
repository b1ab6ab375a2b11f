import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { predictBySliding, type SlidingOptions, windowStarts } from "./sliding-windows.ts";

/** Numbers of three classes that depend on the pixel alone: its three colours. */
const byPixel: SlidingOptions["predict"] = (windows) => Promise.resolve(windows.slice());

function pictureOf(height: number, width: number, seed: number): Float32Array {
  return Float32Array.from(
    { length: 3 * height * width },
    (_, i) => (Math.sin(i * 12.9898 + seed) * 43.75) % 1,
  );
}

/** The class of each pixel without windows. */
function plain(picture: Float32Array): number[] {
  const size = picture.length / 3;
  return Array.from({ length: size }, (_, at) => {
    const levels = [0, 1, 2].map((k) => picture[k * size + at]!);
    return levels.indexOf(Math.max(...levels));
  });
}

describe("predictions by sliding windows", () => {
  test("are those of the pixels, where a network sees pixels alone, at any size, window and overlap", async () => {
    const sizes = fc.record({
      height: fc.integer({ min: 1, max: 23 }),
      width: fc.integer({ min: 1, max: 23 }),
      window: fc.integer({ min: 1, max: 9 }),
      overlap: fc.constantFrom(0, 0.2, 0.5, 0.8),
      batchSize: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(100), async (drawn, seed) => {
        const picture = pictureOf(drawn.height, drawn.width, seed);
        const got = await predictBySliding(picture, { ...drawn, classes: 3, predict: byPixel });
        expect([...got]).toEqual(plain(picture));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("blend: between the middles of two windows, the nearer one decides", async () => {
    // Two windows of 8 at 0 and 4; each says its own class everywhere.
    const predict: SlidingOptions["predict"] = (windows, count) => {
      const size = windows.length / count / 3;
      return Promise.resolve(
        Float32Array.from({ length: count * 2 * size }, (_, i) => {
          const [window, k] = [Math.floor(i / (2 * size)), Math.floor(i / size) % 2];
          return k === window ? 1 : 0;
        }),
      );
    };
    const options = { height: 8, width: 12, window: 8, overlap: 0.5, classes: 2, predict };
    const got = await predictBySliding(new Float32Array(3 * 8 * 12), options);
    expect([...got.subarray(0, 12)]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  });

  test("windows reach from border to border and share at least the overlap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 64 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (size, window, overlap) => {
          const starts = windowStarts(size, window, overlap);
          expect(starts[0]).toBe(0);
          expect(starts.at(-1)).toBe(Math.max(0, size - window));
          for (const [i, start] of starts.slice(1).entries()) {
            const step = start - starts[i]!;
            expect(step).toBeGreaterThan(0);
            expect(step).toBeLessThanOrEqual(Math.max(1, Math.floor(window * (1 - overlap))));
          }
        },
      ),
      { seed: 2 },
    );
  });

  test("refuse what does not fit", async () => {
    const options = { height: 2, width: 2, window: 2, classes: 3, predict: byPixel };
    const picture = new Float32Array(12);
    await expect(predictBySliding(picture.subarray(1), options)).rejects.toThrow("3 × 2 × 2 numbers; got 11");
    await expect(predictBySliding(picture, { ...options, overlap: 1 })).rejects.toThrow("from 0, below 1");
    await expect(predictBySliding(picture, { ...options, window: 0 })).rejects.toThrow(
      "the window is out of range",
    );
    await expect(predictBySliding(picture, { ...options, classes: 2 })).rejects.toThrow(
      "1 × 2 × 2² numbers; got 12",
    );
  });
});
