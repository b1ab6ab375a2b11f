import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeTinyClassifier } from "../../test/support/tiny-classifier.ts";
import {
  folder,
  interruptedAfter,
  names,
  options,
  pictures,
  useTeacher,
} from "../../test/support/tiny-distill.ts";
import { tinyPictures } from "../../test/support/tiny-run.ts";
import { readNewestCheckpoint } from "../train/node/checkpoint.ts";
import { runPaths } from "../train/node/run-folder.ts";
import { type DistillOptions, distill } from "./distill.ts";

useTeacher();

const checkpointOf = (out: string) =>
  readNewestCheckpoint(runPaths(join(folder, out)).checkpoints, null).then((found) => found!);
const configOf = async (out: string) =>
  JSON.parse(await readFile(runPaths(join(folder, out)).config, "utf8"));

describe("an interrupted distillation", () => {
  it("ends with the same bits after an interruption, and leaves the teacher out of its checkpoints", async () => {
    const whole = await distill(options("whole", { labelWeight: 0.3 }));
    expect(whole.interrupted).toBe(false);
    const { interrupted, steps, teacher, encoder } = await interruptedAfter(
      7,
      options("halves", { labelWeight: 0.3 }),
    );
    expect({ interrupted, steps, teacher, encoder }).toEqual({
      ...{ interrupted: true, steps: 7, teacher: null, encoder: null },
    });
    // The teacher's run may have moved meanwhile.
    await cp(join(folder, "teacher"), join(folder, "moved"), { recursive: true });
    const moved = { run: join(folder, "moved"), labelWeight: 0.3, resume: true };
    await distill(options("halves", moved));
    const [a, b] = [await checkpointOf("whole"), await checkpointOf("halves")];
    expect((await readFile(a.path)).equals(await readFile(b.path))).toBe(true);
    expect([...a.arrays.keys()].filter((path) => path.includes("given"))).toEqual([]);
    expect([...a.arrays.keys()]).toContain("teacher.classifier.weight");
    expect((await configOf("halves")).method.settings.teacher).toMatchObject({
      run: join(folder, "teacher"),
      step: 6,
    });
  }, 120_000);

  it("does not continue with another teacher, without one, or with other choices", async () => {
    await interruptedAfter(2, options("kept"));
    const { classes, ...more } = { classes: pictures.labels!.map((label) => 2 - label), step: 9 };
    const other = { task: { kind: "classes", names }, answers: { kind: "classes", classes } } as const;
    await writeTinyClassifier(join(folder, "other"), { ...other, ...more, pictures });
    const again = (changed: Partial<DistillOptions>) =>
      distill(options("kept", { resume: true, ...changed }));
    await expect(again({ run: join(folder, "other") })).rejects.toThrow(
      /a resumed run keeps what it was started with .*`run`.*teacher at step 6/s,
    );
    await expect(again({ run: join(folder, "gone") })).rejects.toThrow("there is no such run");
    await expect(again({ temperature: 2 })).rejects.toThrow(/`temperature`.*expected 1; got 2/s);
    await expect(again({ backboneOptions: { widthMultiplier: 1 / 8 } })).rejects.toThrow("`backbone`");
    await expect(again({ pictures: tinyPictures(40) })).rejects.toThrow("the pictures and labels of the run");
    expect(await again({ epochs: 4 })).toMatchObject({ interrupted: false, steps: 16 });
  }, 120_000);
});
