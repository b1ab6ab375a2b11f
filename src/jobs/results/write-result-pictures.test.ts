import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryDataset } from "../../data/memory-dataset.ts";
import { PRODUCER } from "../../onnx/model.ts";
import { writeConfusion, writeMistakes } from "./write-result-pictures.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-pictures-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const task = { kind: "classes", names: ["cat", "dog"] } as const;
const canvas = 10;
/** Four pictures of one colour each: red, green, blue, white; 8 wide and 4 high. */
const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
] as const;
const pixels = new Uint8Array(4 * 3 * canvas ** 2);
for (const [at, colour] of COLOURS.entries())
  for (const [channel, value] of colour.entries())
    for (let y = 0; y < 4; y++)
      pixels.fill(
        value,
        ((at * 3 + channel) * canvas + y) * canvas,
        ((at * 3 + channel) * canvas + y) * canvas + 8,
      );
const sizes = { heights: new Int32Array(4).fill(4), widths: new Int32Array(4).fill(8) };
const dataset = { ...memoryDataset({ canvas, pictures: pixels }), ...sizes };
const predictions = { rows: 3, cols: 2, data: Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.3, 0.7) };
const answers = { kind: "classes", classes: Int32Array.of(0, 0, 0) } as const;

test("the confusion matrix is a PNG that says who made it, for classes only", async () => {
  const path = join(folder, "confusion.png");
  expect(await writeConfusion(path, { task, predictions, answers })).toBe(path);
  const { format, exif } = await sharp(path).metadata();
  expect([format, exif?.includes(PRODUCER)]).toEqual(["png", true]);
  const several = { kind: "several", rows: predictions } as const;
  expect(await writeConfusion(path, { task, predictions, answers: several })).toBeNull();
});

test("the mistakes show the right part of the right pictures, the surest first", async () => {
  const path = join(folder, "mistakes.png");
  // Rows 1 and 2 are wrong: pictures 2 (blue) and 3 (white) of the data set.
  expect(await writeMistakes(path, dataset, [0, 2, 1], { task, predictions, answers })).toBe(path);
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray(3 * (2 * y * info.width + 2 * x)).subarray(0, 3)];
  // Tiles begin at (24, 84), 148 wide with 20 between; the pictures fill half of their height.
  expect(at(24 + 74, 84 + 74)).toEqual([0, 0, 255]);
  expect(at(24 + 168 + 74, 84 + 74)).toEqual([0, 255, 0]);
  expect(at(24 + 74, 84 + 20)).toEqual([249, 250, 251]);
});

test("no mistake is no picture", async () => {
  const right = { kind: "classes", classes: Int32Array.of(0, 1, 1) } as const;
  expect(
    await writeMistakes(join(folder, "none.png"), dataset, [0, 1, 2], { task, predictions, answers: right }),
  ).toBeNull();
});
