/** Runs that get more pictures. */
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { subset } from "../../src/data/subset.ts";
import { pretrain } from "../../src/jobs/pretrain.ts";
import { placesOf } from "../../src/jobs/resume/added-pictures.ts";
import {
  all,
  FIRST,
  folder,
  newest,
  options,
  rowOf,
  stoppedAfter,
  useGrowingRuns,
  WIDTH,
} from "../support/growing-run.ts";

useGrowingRuns();

describe("a run with a bank after pictures were added", () => {
  // 16 pictures are 4 steps an epoch, 24 are 6. The run stops in the second epoch.
  beforeAll(async () => {
    await stoppedAfter(5, options("run"));
  }, 60_000);
  const grown = { pictures: all, resume: true, morePictures: true };
  const copy = (to: string) => cp(join(folder, "run"), join(folder, to), { recursive: true });

  it("is resumed only if asked for, and the refusal says how", async () => {
    const refused = pretrain(options("run", { ...grown, morePictures: false }));
    await expect(refused).rejects.toThrow(
      /pictures were added .*run.* expected 16 pictures .*; got 24 pictures, 8 of them new\. Include them with `resume: true, morePictures: true`, or start a new run with another `out`\./,
    );
  });

  it("continues with known rows at their pictures' new places, and new rows for new pictures", async () => {
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

  it("ends with the same bits, interrupted or not, and is resumed like any other", async () => {
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

  it("stays the old run if it is killed before the configuration is written", async () => {
    await copy("killed");
    await stoppedAfter(0, options("killed", grown));
    await copy("killed"); // over the grown run: its checkpoint stays beside the old one
    const back = await stoppedAfter(0, options("killed", { resume: true }));
    expect(back.steps).toBe(5);
    expect(back.notes).toContainEqual(
      expect.stringMatching(/passed over .*step-00000006.*made with other pictures/),
    );
    expect((await stoppedAfter(0, options("killed", grown))).steps).toBe(6);
  });

  it("is refused if pictures are missing, with the name of the first", async () => {
    const others = subset(all, [...FIRST.slice(1), 1, 4]);
    await expect(pretrain(options("run", { ...grown, pictures: others }))).rejects.toThrow(
      /not the pictures .*; got 17 pictures, without 0/,
    );
  });

  it("is refused if no epoch is left, and takes more epochs", async () => {
    await copy("ended");
    const config = join(folder, "ended/config.json");
    await writeFile(config, JSON.stringify({ ...JSON.parse(await readFile(config, "utf8")), epochs: 1 }));
    await expect(pretrain(options("ended", { ...grown, epochs: 1 }))).rejects.toThrow(
      /no epochs left.*`epochs` of more than 1/,
    );
    expect((await stoppedAfter(0, options("ended", { ...grown, epochs: 3 }))).steps).toBe(6);
  });

  it("is refused if the names are not kept", async () => {
    await copy("nameless");
    await rm(join(folder, "nameless/pictures.json"));
    await expect(pretrain(options("nameless", grown))).rejects.toThrow(
      /not the pictures that the run was started with/,
    );
  });
});

describe("other runs after pictures were added", () => {
  it("continue too, if asked for", async () => {
    const simclr = { method: "simclr", settings: { projectionOut: 8 } };
    await stoppedAfter(4, options("simclr", simclr));
    const result = await pretrain(
      options("simclr", { ...simclr, pictures: all, resume: true, morePictures: true }),
    );
    expect(result.steps).toBe(12);
  });

  it("need resuming", async () => {
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

  it("name the first missing picture", () => {
    expect(placesOf(["a", "a", "d"], ["a", "b"]).missing).toBe("a");
  });
});
