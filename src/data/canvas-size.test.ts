import fc from "fast-check";
import { expect, test } from "vitest";
import { canvasSize } from "./canvas-size.ts";
import { fitInside } from "./shrink.ts";

test.each([
  [200, 4000, 96, [32, 96, true]],
  [4000, 200, 96, [96, 32, true]],
  [300, 900, 96, [32, 96, false]],
  [20, 400, 96, [20, 60, true]],
  [10, 90, 96, [10, 90, false]],
  [4, 5000, 32, [4, 12, true]],
])("a picture of %i × %i on a canvas of %i", (height, width, side, [rows, columns, cropped]) => {
  expect(canvasSize(height, width, side)).toEqual({ height: rows, width: columns, cropped });
});

test("pictures of up to 3:1 have the size they always had, and no picture is enlarged or passes the canvas", () => {
  const size = fc.integer({ min: 2, max: 5000 });
  fc.assert(
    fc.property(size, size, fc.integer({ min: 2, max: 300 }), (height, width, side) => {
      const kept = canvasSize(height, width, side);
      expect(Math.max(kept.height, kept.width)).toBeLessThanOrEqual(side);
      expect(kept.height).toBeLessThanOrEqual(height);
      expect(kept.width).toBeLessThanOrEqual(width);
      if (Math.max(height, width) <= 3 * Math.min(height, width)) {
        expect(kept).toEqual({ ...fitInside(height, width, side), cropped: false });
      }
    }),
  );
});
