import { describe, expect, test } from "vitest";
import { layOnCanvas } from "./canvas.ts";

describe("layOnCanvas", () => {
  test.each([
    [2, 3, 4, 0],
    [3, 4, 4, 0],
    [5, 8, 12, 0],
    [5, 8, 13, 0],
    [5, 7, 12, 0],
    [5, 8, 12, 1],
  ])(
    "puts each channel of %i×%i pixels into its plane of %i, bytes starting at %i",
    (height, width, canvas, offset) => {
      const data = Uint8Array.from(
        { length: offset + height * width * 3 },
        (_, i) => (i * 37 + (i >> 3)) % 251,
      ).subarray(offset);
      const out = new Uint8Array(3 * canvas * canvas).fill(255);
      layOnCanvas(data, height, width, canvas, out);
      for (let plane = 0; plane < 3; plane++) {
        for (let row = 0; row < canvas; row++) {
          for (let col = 0; col < canvas; col++) {
            const inside = row < height && col < width;
            const expected = inside ? data[(row * width + col) * 3 + plane] : 255;
            expect(out[(plane * canvas + row) * canvas + col]).toBe(expected);
          }
        }
      }
    },
  );
});
