import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPictures } from "../../data/node/open-pictures.ts";
import type { Matrix } from "../../formats/matrix.ts";
import { readPixels } from "./read-pixels.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-pixels-"));
  await mkdir(join(folder, "pictures"));
  const sizes: [number, number][] = [
    [320, 320],
    [480, 240],
    [200, 400],
    [400, 300],
    // Smaller than two of the canvases: padding takes other shares of each.
    [96, 96],
    [120, 64],
  ];
  for (const [i, [width, height]] of sizes.entries()) {
    const pixels = Uint8Array.from({ length: 3 * width * height }, (_, at) => {
      const [c, x, y] = [at % 3, Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      return 128 + 100 * Math.sin((x / height) * (2 + i + c)) * Math.cos((y / height) * (3 + i));
    });
    const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
    await picture.png().toFile(join(folder, "pictures", `${i}.png`));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function pixelsAt(canvas: number): Promise<Matrix> {
  const dataset = await openPictures(join(folder, "pictures"), { canvas, cacheDir: join(folder, "cache") });
  try {
    return await readPixels(dataset);
  } finally {
    await dataset.close();
  }
}

describe("readPixels", () => {
  it("gives nearly the same pixels whatever size the pictures are cached at", async () => {
    const [small, middle, large] = await Promise.all([48, 144, 288].map(pixelsAt));
    expect(large).toMatchObject({ rows: 6, cols: 3 * 32 * 32 });
    for (const other of [small!, middle!]) {
      const differences = other.data.map((value, i) => Math.abs(value - large!.data[i]!));
      expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(0.01);
      expect(differences.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(0.1);
    }
  });
});
