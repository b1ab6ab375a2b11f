import { expect, it } from "vitest";
import { cpc } from "./cpc.ts";

const situation = { pictures: 1000, batchSize: 8, epochs: 10, batchNorm: false, features: 192 };
const sizes = Array.from({ length: 121 }, (_, i) => 16 + 2 * i);

it.each([
  ["a ResNet", "resnet", 1, sizes],
  ["a transformer", "vit", 4, sizes.filter((size) => size % 4 === 0)],
] as const)(
  "predicts by default, with %s, only patches that share no pixel with those it predicts from",
  (_name, family, multipleOf, all) => {
    for (const imageSize of all) {
      const { grid, patch, nearest } = cpc.defaults({ ...situation, family, imageSize, multipleOf });
      // The grid reaches from border to border, each patch at the nearest whole pixel.
      const start = (row: number) => Math.round((row * (imageSize - patch)) / (grid - 1));
      for (let row = 0; row + nearest < grid; row++)
        expect(start(row + nearest), `row ${row} at ${imageSize} pixels`).toBeGreaterThanOrEqual(
          start(row) + patch,
        );
      // About half of a patch overlaps with the next one.
      if (multipleOf === 1) expect(start(1)).toBeLessThan(0.75 * patch);
    }
  },
);
