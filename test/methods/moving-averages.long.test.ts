/** The moving averages of the teachers, in every method that has one. */
import { expect, it } from "vitest";
import { batches } from "../../src/data/loader.ts";
import { METHODS } from "../../src/methods/index.ts";
import type { Teacher } from "../../src/objectives/objective.ts";
import { describeRun } from "../../src/train/describe-run.ts";
import type { RunConfig } from "../../src/train/run-config.ts";
import { Trainer } from "../../src/train/trainer.ts";
import type { Values } from "../../src/train/values.ts";
import { tinyMethod } from "../support/method-cases.ts";
import { relativeError } from "../support/probe.ts";
import { tinyConfig, tinyPictures } from "../support/tiny-run.ts";

/** The teacher's momentum: small, so that one step shows its direction. */
const KEPT = 0.5;
/** Adam moves everything that has a gradient by about the learning rate. */
const FAST = {
  optimizer: "adamw",
  learningRate: 0.01,
  finalLearningRate: 0.01,
  warmupEpochs: 0,
  clip: null,
} as const;

const NAMES = METHODS.map(({ name }) => name);
const TAUGHT = NAMES.filter((name) => teacherOf(tinyConfig(tinyMethod(name))) !== undefined);

it.each(TAUGHT)("moves the teacher of %s only by its moving average", async (method) => {
  const { before, after, trainer } = await oneStep(method);
  const kept = teacherOf(trainer.config)!.momentum(trainer.plan)(0);
  const risen = 1 - ((1 - KEPT) * (1 + Math.cos(Math.PI / trainer.plan.steps))) / 2;
  expect([KEPT, risen]).toContainEqual(expect.closeTo(kept, 12)); // MoCo v3's is that of the next step
  const twins = [...before.keys()].filter((path) => before.has(`teacher.${path}`) && !isStatistic(path));
  const learned = twins.filter((path) => before.has(`optimizer.mean/${path}`));
  expect(learned.length).toBeGreaterThan(20);
  for (const path of twins) {
    const [from, student] = [before.get(`teacher.${path}`)!, after.get(path)!];
    const share = learned.includes(path) ? kept : 1; // fixed positions and the like stay
    const expected = from.map((value, i) => share * value + (1 - share) * student[i]!);
    expect(relativeError(after.get(`teacher.${path}`)!, expected), path).toBeLessThan(1e-6);
  }
  // Parameters behind a closed gate, or behind a norm with an initial scale of 0, do not move. The others
  // show that the teacher gets the student's next value.
  const moved = learned.filter((path) => relativeError(after.get(path)!, before.get(path)!) > 1e-4);
  expect(moved.length).toBeGreaterThan(0.5 * learned.length);
});

function teacherOf(config: RunConfig): Teacher | undefined {
  return describeRun(config).options.objective.teacher;
}

const isStatistic = (path: string) => /\.running_(mean|var)$/.test(path);

/** Values before and after the first step. The teacher starts at a distance from the student. */
async function oneStep(method: string): Promise<{ before: Values; after: Values; trainer: Trainer }> {
  const choices = tinyMethod(method);
  const defaults = tinyConfig(choices).method.settings;
  const momenta = Object.keys(defaults).filter((name) => /^(teacher|target|key)Momentum$/.test(name));
  const settings = { ...choices.settings, ...Object.fromEntries(momenta.map((name) => [name, KEPT])) };
  const trainer = await Trainer.create(tinyConfig({ ...choices, settings, training: FAST }), { threads: 1 });
  for (const [path, data] of trainer.values)
    if (path.startsWith("teacher.") && !isStatistic(path))
      trainer.values.set(
        path,
        data.map((value) => value + 0.1),
      );
  const before = new Map([...trainer.values].map(([path, data]) => [path, data.slice()]));
  const { batchSize, seed } = trainer.config;
  for await (const batch of batches(tinyPictures(), { batchSize, seed, epoch: 0 })) {
    await trainer.step(batch, 0);
    break;
  }
  const after = new Map([...trainer.values].map(([path, data]) => [path, data.slice()]));
  await trainer.release();
  return { before, after, trainer };
}
