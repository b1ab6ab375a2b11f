import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { interruptedAfter, options, useRunsFolder } from "../../test/support/tiny-pretrain.ts";
import { TINY, TINY_DINO, TINY_DINO_RESNET } from "../../test/support/tiny-run.ts";
import { memoryDataset } from "../data/memory-dataset.ts";
import { pretrain } from "./pretrain.ts";

useRunsFolder();

describe("pretrain", () => {
  it("warns where the outputs that a loss compares are alike, from the second epoch on", async () => {
    const flat = { ...TINY_DINO.settings, teacherTemperature: 100, teacherTemperatureStart: 100 };
    const { epochs } = await pretrain(options("flat", { ...TINY_DINO_RESNET, settings: flat }));
    expect(epochs[0]!.warning).toBeNull();
    expect(epochs[1]!.warning).toMatch(/^After 2 epochs .*\(teacher_information .*, below 0\.001\)/);
  });

  it.each([
    [1, null],
    [9, expect.stringMatching(/one direction \(effective rank 1\.\d\d\): this is collapse/)],
  ])(
    "judges features of a low rank by that of the epoch before, here %d, which may be of another sitting",
    async (before, warning) => {
      // Half of the pictures black, half white: two different features, so that their rank is between 1 and
      // 2.
      const data = Uint8Array.from({ length: 24 * 3 * 24 * 24 }, (_, i) => (i < 12 * 3 * 24 * 24 ? 0 : 255));
      const choices = { pictures: memoryDataset({ canvas: TINY.canvas, pictures: data }), epochs: 3 };
      const { run, epochs: two } = await interruptedAfter(6, options("run", choices));
      const lines = two.map((epoch) => {
        const health = { ...epoch.health, rankMe: before };
        return `${JSON.stringify({ ...epoch, health })}\n`;
      });
      await writeFile(join(run, "metrics.jsonl"), lines.join(""));
      const { epochs } = await pretrain(options("run", { ...choices, resume: true }));
      expect(epochs[2]!.warning).toEqual(warning);
    },
  );
});
