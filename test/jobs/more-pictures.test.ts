/** Runs whose pictures become more. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subset } from "../../src/data/subset.ts";
import { type PretrainOptions, pretrain } from "../../src/jobs/pretrain.ts";
import { placesOf } from "../../src/jobs/resume/added-pictures.ts";
import type { Progress } from "../../src/runs/progress.ts";
import { type Checkpoint, checkpointNames, readCheckpoint } from "../../src/train/node/checkpoint.ts";
import { stopBeforeFirstStep } from "../support/stop-before-first-step.ts";
import { TINY, tinyPictures } from "../support/tiny-run.ts";

const all = tinyPictures();
/** Places among all pictures of those that were there first: 1, 4, 7, … are added later. */
const FIRST = Array.from({ length: all.size }, (_, i) => i).filter((i) => i % 3 !== 1);
const first = subset(all, FIRST);
const WIDTH = 8;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-more-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const options = (out: string, more: Partial<PretrainOptions> = {}): PretrainOptions => ({
  ...{ ...TINY, batchSize: 4, method: "instdisc", settings: { projectionOut: WIDTH } },
  ...{ backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16 } },
  ...{ pictures: first, out: join(folder, out), threads: 1, monitorEvery: 0, ...more },
});

/** Trains and stops after so many steps in this session, as a signal would; before the first for 0. */
function stoppedAfter(steps: number, settings: PretrainOptions) {
  const stop = new AbortController();
  const signal = steps === 0 ? stopBeforeFirstStep() : stop.signal;
  let done = 0;
  const onProgress = (event: Progress) => {
    if (event.type === "step" && ++done === steps) stop.abort();
  };
  return pretrain({ ...settings, signal, onProgress });
}

async function newest(out: string): Promise<Checkpoint> {
  const checkpoints = join(folder, out, "checkpoints");
  const [name] = await checkpointNames(checkpoints);
  return readCheckpoint(join(checkpoints, name!), null);
}

const rowOf = (bank: Float32Array, place: number) => [...bank.subarray(place * WIDTH, (place + 1) * WIDTH)];

describe("a run with a bank after pictures were added", () => {
  // 16 pictures make 4 steps an epoch, 24 make 6: stopped in the second epoch.
  beforeAll(async () => {
    await stoppedAfter(5, options("run"));
  }, 60_000);
  const grown = { pictures: all, resume: true, morePictures: true };
  const copy = (to: string) => cp(join(folder, "run"), join(folder, to), { recursive: true });

  it("is not resumed unasked, and says how it can be", async () => {
    const refused = pretrain(options("run", { ...grown, morePictures: false }));
    await expect(refused).rejects.toThrow(
      /pictures were added .*run.* expected 16 pictures .*; got 24 pictures, 8 of them new\. Include them with `resume: true, morePictures: true`, or start a new run with another `out`\./,
    );
  });

  it("goes on with known rows where their pictures are now, and new rows for new pictures", async () => {
    await copy("moved");
    const before = await newest("moved");
    const result = await stoppedAfter(0, options("moved", grown));
    const after = await newest("moved");
    expect([before.step, after.step, result.steps]).toEqual([5, 6, 6]); // one epoch is done
    const [old, bank] = [before, after].map(({ arrays }) => arrays.get("memory.bank")!) as [
      Float32Array,
      Float32Array,
    ];
    expect([old.length, bank.length]).toEqual([16 * WIDTH, 24 * WIDTH]);
    for (const [row, place] of FIRST.entries()) expect(rowOf(bank, place)).toEqual(rowOf(old, row));
    const added = rowOf(bank, 1);
    expect(Math.max(...added.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(3 / WIDTH));
    expect(Math.max(...added.map(Math.abs))).toBeGreaterThan(0);
    for (const [path, data] of before.arrays)
      if (path !== "memory.bank") expect(after.arrays.get(path)).toEqual(data);
    expect(result.config.data).toMatchObject({ pictures: 24, fingerprint: all.fingerprint });
    expect(result.config.history).toEqual([
      { step: 6, changes: [{ name: "data.pictures", from: 16, to: 24 }] },
    ]);
    expect(result.notes).toContain("from step 6 on: pictures 16 → 24");
  });

  it("ends with the same bits, interrupted or not, and is resumed as any other", async () => {
    await Promise.all([copy("whole"), copy("parts")]);
    const whole = await pretrain(options("whole", grown));
    await stoppedAfter(2, options("parts", grown));
    const parts = await pretrain(options("parts", { pictures: all, resume: true }));
    expect([whole.steps, parts.steps]).toEqual([12, 12]);
    expect((await newest("parts")).arrays).toEqual((await newest("whole")).arrays);
    expect(parts.epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 4],
      [2, 12],
    ]);
    await expect(pretrain(options("whole", { resume: true }))).rejects.toThrow(
      /not the pictures that the run was started with/,
    );
  });

  it("is what it was when the growing was cut short before the configuration was written", async () => {
    await copy("killed");
    await stoppedAfter(0, options("killed", grown));
    await copy("killed"); // over what was grown: its checkpoint stays beside the one of before
    const back = await stoppedAfter(0, options("killed", { resume: true }));
    expect(back.steps).toBe(5);
    expect(back.notes).toContainEqual(
      expect.stringMatching(/passed over .*step-00000006.*made with other pictures/),
    );
    expect((await stoppedAfter(0, options("killed", grown))).steps).toBe(6);
  });

  it("is refused where pictures are missing, by the name of the first", async () => {
    const others = subset(all, [...FIRST.slice(1), 1, 4]);
    await expect(pretrain(options("run", { ...grown, pictures: others }))).rejects.toThrow(
      /not the pictures .*; got 17 pictures, without 0/,
    );
  });

  it("is refused where no epoch is left, and takes more of them", async () => {
    await copy("ended");
    const config = join(folder, "ended/config.json");
    await writeFile(config, JSON.stringify({ ...JSON.parse(await readFile(config, "utf8")), epochs: 1 }));
    await expect(pretrain(options("ended", { ...grown, epochs: 1 }))).rejects.toThrow(
      /no epochs left.*`epochs` of more than 1/,
    );
    expect((await stoppedAfter(0, options("ended", { ...grown, epochs: 3 }))).steps).toBe(6);
  });

  it("is refused where nobody kept the names", async () => {
    await copy("nameless");
    await rm(join(folder, "nameless/pictures.json"));
    await expect(pretrain(options("nameless", grown))).rejects.toThrow(
      /not the pictures that the run was started with/,
    );
  });
});

/** 16 pictures are all among 20 negatives, of 24 they are not. */
const SOON_NCE = { negatives: 20, projectionOut: WIDTH };
const BY_NCE = { negatives: 5, projectionOut: WIDTH };

describe.each([
  ["instdisc", "by all of its bank up to then", SOON_NCE, ["bank"], ["loss.normalizer"]],
  ["instdisc", "by NCE", BY_NCE, ["bank"], ["loss.normalizer"]],
  [
    "cmc",
    "by all of its banks up to then",
    { ...SOON_NCE, loss: "bank" },
    ["l", "ab"],
    ["loss.l.ab.normalizer", "loss.ab.l.normalizer"],
  ],
  [
    "cmc",
    "by NCE",
    { ...BY_NCE, loss: "bank" },
    ["l", "ab"],
    ["loss.l.ab.normalizer", "loss.ab.l.normalizer"],
  ],
])("a run of %s %s", (method, how, settings, banks, constants) => {
  const run = `${method} ${how}`;
  const chosen = { method, settings };

  it("goes on by NCE with more pictures, all its rows and the constants that it had", async () => {
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
      // Where there was none it is that of the first batch after.
      if (had === undefined) expect(then).toBeGreaterThan(0);
      else expect(then).toBe(had);
    }
  });
});

describe.each([
  ["moco-v1", { queue: 7, projectionOut: WIDTH }, "queue", 0],
  // 20 rows are written before.
  [
    "swav",
    { queue: 23, queueStart: 0, projectionOut: WIDTH, prototypes: 8, headWidth: 8, localCrops: 0 },
    "queue_2",
    3,
  ],
])("the queue of %s after pictures were added", (method, settings, name, unwritten) => {
  it("has its rows from the oldest on where the new count of steps begins", async () => {
    const chosen = { method, settings };
    await stoppedAfter(5, options(`${method} queue`, chosen));
    const before = await newest(`${method} queue`);
    const more = { pictures: all, resume: true, morePictures: true };
    await stoppedAfter(0, options(`${method} queue`, { ...chosen, ...more }));
    const after = await newest(`${method} queue`);
    // Step n writes its 4 rows from row 4n mod the queue's length on, in the place of the oldest.
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

describe("other runs after pictures were added", () => {
  it("go on too, when they are asked to", async () => {
    const simclr = { method: "simclr", settings: { projectionOut: 8 } };
    await stoppedAfter(4, options("simclr", simclr));
    const result = await pretrain(
      options("simclr", { ...simclr, pictures: all, resume: true, morePictures: true }),
    );
    expect(result.steps).toBe(12);
  });

  it("cannot be asked for without resuming", async () => {
    await expect(pretrain(options("new", { morePictures: true }))).rejects.toThrow(/`resume` as well/);
  });
});

describe("the places of known pictures", () => {
  it("are found by name, each picture once", () => {
    expect(placesOf(["a", "c", "a"], ["b", "a", "a", "c"])).toEqual({
      places: Int32Array.of(1, 3, 2),
      missing: null,
    });
  });

  it("say what is missing", () => {
    expect(placesOf(["a", "a", "d"], ["a", "b"]).missing).toBe("a");
  });
});
