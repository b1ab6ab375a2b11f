/** Banks and queues of runs that get more pictures. */
import { describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src/train/node/checkpoint.ts";
import {
  all,
  FIRST,
  newest,
  options,
  rowOf,
  stoppedAfter,
  useGrowingRuns,
  WIDTH,
} from "../support/growing-run.ts";

useGrowingRuns();

/** 20 negatives are more than 16 pictures, and fewer than 24. */
const SOON_NCE = { negatives: 20, projectionOut: WIDTH };
const BY_NCE = { negatives: 5, projectionOut: WIDTH };

describe.each([
  ["instdisc", "with its whole bank until then", SOON_NCE, ["bank"], ["loss.normalizer"]],
  ["instdisc", "with NCE", BY_NCE, ["bank"], ["loss.normalizer"]],
  [
    "cmc",
    "with its whole banks until then",
    { ...SOON_NCE, loss: "bank" },
    ["l", "ab"],
    ["loss.l.ab.normalizer", "loss.ab.l.normalizer"],
  ],
  [
    "cmc",
    "with NCE",
    { ...BY_NCE, loss: "bank" },
    ["l", "ab"],
    ["loss.l.ab.normalizer", "loss.ab.l.normalizer"],
  ],
])("a run of %s %s", (method, how, settings, banks, constants) => {
  const run = `${method} ${how}`;
  const chosen = { method, settings };

  it("continues with NCE for more pictures, with all its rows and constants", async () => {
    await stoppedAfter(5, options(run, chosen));
    const before = await newest(run);
    await stoppedAfter(0, options(run, { ...chosen, pictures: all, resume: true, morePictures: true }));
    const grown = await newest(run);
    for (const name of banks) {
      const [old, bank] = [before, grown].map(({ arrays }) => arrays.get(`memory.${name}`)!);
      expect(bank).toHaveLength(24 * WIDTH);
      for (const [row, place] of FIRST.entries()) expect(rowOf(bank!, place)).toEqual(rowOf(old!, row));
    }
    await stoppedAfter(1, options(run, { ...chosen, pictures: all, resume: true }));
    const after = await newest(run);
    for (const path of constants) {
      const [had, kept, then] = [before, grown, after].map(({ arrays }) => arrays.get(path)?.[0]);
      expect(had === undefined).toBe(settings.negatives > 16);
      expect(kept).toBe(had ?? 0);
      // A run without a constant gets that of the first batch afterwards.
      if (had === undefined) expect(then).toBeGreaterThan(0);
      else expect(then).toBe(had);
    }
  });
});

describe.each([
  ["moco-v1", { queue: 7, projectionOut: WIDTH }, "queue", 0],
  // 20 rows are written before that.
  [
    "swav",
    { queue: 23, queueStart: 0, projectionOut: WIDTH, prototypes: 8, headWidth: 8, localCrops: 0 },
    "queue_2",
    3,
  ],
])("the queue of %s after pictures were added", (method, settings, name, unwritten) => {
  it("has its rows in order of age, from the row of the new number of steps on", async () => {
    const chosen = { method, settings };
    await stoppedAfter(5, options(`${method} queue`, chosen));
    const before = await newest(`${method} queue`);
    const more = { pictures: all, resume: true, morePictures: true };
    await stoppedAfter(0, options(`${method} queue`, { ...chosen, ...more }));
    const after = await newest(`${method} queue`);
    // Step n writes its 4 rows from row 4n mod the queue's length on, over the oldest.
    const fromOldest = ({ step, arrays }: Checkpoint) => {
      const queue = arrays.get(`memory.${name}`)!;
      const length = settings.queue;
      return Array.from({ length }, (_, i) => rowOf(queue, (4 * step + i) % length));
    };
    expect([before.step, after.step]).toEqual([5, 6]);
    expect(fromOldest(after)).toEqual(fromOldest(before));
    const zeros = fromOldest(after).map((row) => row.every((value) => value === 0));
    expect(zeros).toEqual(zeros.map((_, i) => i < unwritten));
  });
});
