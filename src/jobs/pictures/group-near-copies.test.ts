import { expect, test } from "vitest";
import { memoryDataset } from "../../data/memory-dataset.ts";
import { canvasBytes } from "../../data/picture-dataset.ts";
import { divideLabelled } from "../../transfer/divide-labelled.ts";
import { groupNearCopies } from "./group-near-copies.ts";
import { readThumbnails } from "./read-thumbnails.ts";

const CANVAS = 48;

/** Waves of another direction and length for every number; `off` moves them by that many pixels. */
function waves(kind: number, off = 0): Uint8Array {
  const [a, b] = [Math.cos(kind * 2.4) / 4, Math.sin(kind * 2.4) / 4];
  return Uint8Array.from({ length: canvasBytes(CANVAS) }, (_, at) => {
    const [x, y] = [(at % CANVAS) + off, Math.floor(at / CANVAS) % CANVAS];
    return 128 + 60 * Math.sin(a * x + b * y) + 60 * Math.cos((b * x - a * y) / (1 + (kind % 5)));
  });
}

const N = 20;
/** Twenty pictures, and after them two near-copies of the first and one of the second. */
const all = [...Array.from({ length: N }, (_, kind) => waves(kind)), waves(0, 1), waves(0, -1), waves(1, 1)];
const pictures = new Uint8Array(all.length * canvasBytes(CANVAS));
for (const [at, one] of all.entries()) pictures.set(one, at * canvasBytes(CANVAS));
const dataset = memoryDataset({ canvas: CANVAS, pictures });

test("near-copies are in one group, which a note tells, and stay on one side", async () => {
  const { groups, notes } = await groupNearCopies(dataset, null, 1);
  const singles = Array.from({ length: N }, (_, at) => at);
  expect([...groups]).toEqual([...singles, 0, 0, 1]);
  expect(notes).toEqual([
    "3 pictures are near-copies of others; a division that is drawn keeps them on one side",
  ]);
  const classes = Int32Array.from(dataset.names, (_, at) => at % 2);
  const labels = {
    task: { kind: "classes", names: ["a", "b"] },
    answers: { kind: "classes", classes },
  } as const;
  for (let seed = 0; seed < 20; seed++) {
    const { validation } = divideLabelled({ ...labels, names: dataset.names, own: null, seed, groups });
    const held = new Set(validation);
    expect(new Set([0, N, N + 1].map((at) => held.has(at))).size).toBe(1);
    expect(held.has(1)).toBe(held.has(N + 2));
  }
});

test("near-copies of training pictures in the data set's own parts are told", async () => {
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const own = { training: range(0, N), validation: range(N, N + 2), test: range(N + 2, N + 3) };
  expect((await groupNearCopies(dataset, own, 1)).notes.slice(1)).toEqual([
    "2 pictures are near-copies of training pictures in the validation part, which raises its scores",
    "1 picture is a near-copy of training pictures in the test part, which raises its scores",
  ]);
  const none = await groupNearCopies(dataset, { ...own, training: range(2, N), test: null }, 1);
  expect(none.notes).toHaveLength(1);
});

test("thumbnails are means of the square that encoders are evaluated on", async () => {
  const canvas = new Uint8Array(canvasBytes(64)).fill(9);
  canvas.fill(200, 64 * 64, 2 * 64 * 64);
  const one = memoryDataset({
    ...{ canvas: 64, pictures: canvas },
    ...{ heights: Int32Array.of(64), widths: Int32Array.of(40) },
  });
  const { pixels, ...rest } = await readThumbnails(one);
  expect(rest).toEqual({ count: 1, channels: 3, height: 32, width: 32 });
  const planes = [0, 1, 2].map((plane) => new Set(pixels.subarray(plane * 1024, (plane + 1) * 1024)));
  expect(planes).toEqual([new Set([9]), new Set([200]), new Set([9])]);
});
