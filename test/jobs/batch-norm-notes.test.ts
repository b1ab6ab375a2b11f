import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pretrain } from "../../src/jobs/pretrain.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { stopBeforeFirstStep } from "../support/stop-before-first-step.ts";
import { TINY, TINY_METHODS, tinyPictures } from "../support/tiny-run.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-notes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A run's notes on batch norm; the run is stopped before its first step. */
async function notesOf(choices: Choices): Promise<readonly string[]> {
  const out = join(folder, JSON.stringify(choices).replace(/\W+/g, "-"));
  const own = TINY_METHODS[choices.method!]!;
  const settings = { ...own.settings, ...choices.settings };
  const pictures = tinyPictures();
  const options = { ...TINY, ...own, ...choices, settings, pictures, out, threads: 1, monitorEvery: 0 };
  const { notes } = await pretrain({ ...options, signal: stopBeforeFirstStep() });
  return notes.filter((note) => note.startsWith("batch norm"));
}

describe("the notes of a run", () => {
  it("say how many pictures batch norm sees if a step is computed in parts", async () => {
    expect(await notesOf({ method: "rotnet", microBatch: 4 })).toEqual([
      "batch norm sees 4 pictures at a time, not the 8 of a step",
    ]);
    expect(await notesOf({ method: "moco-v2", microBatch: 4, settings: { subBatches: 2 } })).toEqual([
      "batch norm sees 2 pictures at a time, not the 8 of a step",
    ]);
  });

  it("say that shuffling MoCo's keys has no effect", async () => {
    expect(await notesOf({ method: "moco-v2" })).toEqual([
      expect.stringMatching(/^batch norm sees all 8 pictures together, and a query can recognise its key/),
    ]);
    expect(await notesOf({ method: "moco-v2", settings: { subBatches: 2 } })).toEqual([]);
  });
});
