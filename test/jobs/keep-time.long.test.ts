import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfigFile } from "../../src/cli/config-file.ts";
import { type PretrainOptions, pretrain } from "../../src/jobs/pretrain.ts";
import { collapseObserver } from "../../src/runs/collapse.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { monitorObserver } from "../../src/runs/monitor.ts";
import { FolderStore } from "../../src/runs/node/folder-store.ts";
import { Notes } from "../../src/runs/notes.ts";
import { TrainingLoop } from "../../src/runs/training-loop.ts";
import { readRunConfig, writeRunConfig } from "../../src/train/node/run-folder.ts";
import type { RunConfig } from "../../src/train/run-config.ts";
import { timelineOf } from "../../src/train/run-timeline.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { TINY_DINO_RESNET, TINY_SIMCLR, tinyConfig, tinyPictures } from "../support/tiny-run.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-keep-time-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pictures = tinyPictures();
const EPOCHS = 9;

/**
 * A part of a run whose time is over from the start, so the run is shortened at the end of its first epoch.
 */
async function lateRun(out: string, choices: Choices, more: Partial<PretrainOptions> = {}) {
  const tiny = tinyConfig({ ...choices, epochs: EPOCHS });
  const base = { ...tiny, data: { ...tiny.data, fingerprint: pictures.fingerprint } };
  const environment = { threads: 1, provider: "cpu", afterimage: "", onnxruntime: "" };
  const place = join(folder, out);
  const kept = await readRunConfig(place);
  const config: RunConfig = kept ?? { ...base, environment, minutes: 0.001 };
  if (kept === null) await writeRunConfig(place, config);
  const trainer = await Trainer.create(config, { threads: 1 });
  const notes = new Notes();
  const session = { threads: 1, notes, onProgress: () => {}, startedAt: -1e6, ...more };
  const observers = [monitorObserver(pictures, config.seed, 1), collapseObserver(pictures)];
  const loop = { ...session, trainer, dataset: pictures, store: new FolderStore(place), observers };
  try {
    const result = await new TrainingLoop(loop).go();
    return { result, notes: notes.list, values: new Map(trainer.values) };
  } finally {
    await trainer.release();
  }
}

function sameBits(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): void {
  expect([...b.keys()]).toEqual([...a.keys()]);
  for (const [path, value] of a) expect(b.get(path), path).toEqual(value);
}

describe("a run whose time is over", () => {
  it.each([
    ["SimCLR", TINY_SIMCLR],
    ["DINO, with schedules of its own", TINY_DINO_RESNET],
  ])("is shortened, records it in its history, and is repeated to the bit: %s", async (_name, choices) => {
    const late = await lateRun("late", choices);
    const { config, steps } = late.result;
    expect(config.epochs).toBeLessThan(EPOCHS);
    expect(steps).toBe(Math.round(3 * config.epochs));
    expect(config.history).toEqual([
      { step: 3, changes: [{ name: "epochs", from: EPOCHS, to: config.epochs }], because: "pace" },
    ]);
    expect(late.notes).toContainEqual(expect.stringMatching(/longer than planned: 5 epochs instead of 9/));
    expect(late.result.epochs.at(-1)!.learningRate).toBeLessThan(config.training.learningRate / 20);

    const { options } = await readConfigFile(join(folder, "late", "config.json"));
    expect(options).toMatchObject({ epochs: EPOCHS });
    expect(options.minutes).toBeUndefined();
    const again = { ...config, epochs: EPOCHS, repeats: [...options.repeats!] };
    const { minutes: _, history: __, ...repeated } = again;
    await writeRunConfig(join(folder, "again"), repeated);
    const second = await lateRun("again", choices);
    expect(second.result.config.history).toEqual(config.history);
    sameBits(late.values, second.values);
  });

  it("continues after an interruption with the recorded decisions, to the bit", async () => {
    const whole = await lateRun("whole", TINY_SIMCLR);
    const stop = new AbortController();
    const onProgress: PretrainOptions["onProgress"] = (event) => {
      if (event.type === "step" && event.step === 8) stop.abort();
    };
    const first = await lateRun("parts", TINY_SIMCLR, { signal: stop.signal, onProgress });
    expect(first.result).toMatchObject({ interrupted: true, steps: 8 });
    const rest = await lateRun("parts", TINY_SIMCLR);
    expect(rest.result.steps).toBe(whole.result.steps);
    sameBits(whole.values, rest.values);
  });
});

describe("pretrain with minutes", () => {
  it("keeps them with the run, unless the user sets the epochs", async () => {
    const options = { ...TINY_SIMCLR, pictures, threads: 1, imageSize: 16, batchSize: 8 };
    const run = await pretrain({ ...options, minutes: 0.01, out: join(folder, "minutes") });
    expect(run.config).toMatchObject({ minutes: 0.01, imageSize: 16, canvas: 24 });
    expect(run.config.epochs).toBeGreaterThanOrEqual(1);
    const said = await pretrain({ ...options, minutes: 0.01, epochs: 2, out: join(folder, "epochs") });
    expect(said.config).toMatchObject({ epochs: 2 });
    expect(said.config.minutes).toBeUndefined();
    expect(JSON.parse(await readFile(join(said.run, "config.json"), "utf8"))).toEqual(said.config);
  });

  it("gives a user the epochs that are asked for, whatever the time", async () => {
    const late = await lateRun("late", TINY_SIMCLR);
    const choices = { pictures, threads: 1, out: join(folder, "late"), resume: true };
    const more = await pretrain({ ...choices, epochs: 8 });
    expect(more.steps).toBe(24);
    expect(more.config.minutes).toBeUndefined();
    expect(timelineOf(more.config)).toMatchObject({ scheduledEpochs: 8, steps: 24 });
    expect(late.result.steps).toBe(15);
  });
});
