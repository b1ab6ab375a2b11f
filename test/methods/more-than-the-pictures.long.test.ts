/** Queues and prototypes that outnumber the 24 pictures. */
import { describe, expect, it } from "vitest";
import { batches } from "../../src/data/loader.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { type StepReport, Trainer } from "../../src/train/trainer.ts";
import { rowsOf } from "../support/rows.ts";
import { TINY_METHODS, tinyConfig, tinyPictures } from "../support/tiny-run.ts";

const PICTURES = 24;
const BATCH = 8;
const MANY = 40;
const WIDTH = 8;

async function train(choices: Choices, steps: number, after: (report: StepReport, trainer: Trainer) => void) {
  const trainer = await Trainer.create(tinyConfig(choices, PICTURES), { threads: 1 });
  const { stepsPerEpoch } = trainer.plan;
  for (let epoch = 0; epoch * stepsPerEpoch < steps; epoch++)
    for await (const batch of batches(tinyPictures(PICTURES), { batchSize: BATCH, seed: 3, epoch })) {
      const step = epoch * stepsPerEpoch + batch.step;
      if (step < steps) after(await trainer.step(batch, step), trainer);
    }
  await trainer.release();
  return trainer;
}

describe.each([
  ["moco-v1", ["queue"]],
  ["moco-v2", ["queue"]],
  ["nnclr", ["queue"]],
  ["swav", ["queue_1", "queue_2"]],
])("a queue of %s that is longer than the data set", (method, queues) => {
  it("fills over several epochs, in which pictures come again, and then loses its oldest rows", async () => {
    const own = TINY_METHODS[method]!;
    const choices = {
      ...own,
      method,
      batchSize: BATCH,
      epochs: 3,
      settings: { ...own.settings, queue: MANY },
    };
    const rows = ({ values }: Trainer) =>
      queues.map((name) => rowsOf(values.get(`memory.${name}`)!.slice(), WIDTH));
    let before: number[][][] | null = null;
    let step = 0;
    const written = new Set<string>();
    await train(choices, 7, ({ loss }, trainer) => {
      expect(loss).toSatisfy(Number.isFinite);
      const after = rows(trainer);
      for (const [queue, own] of after.entries()) {
        expect(own).toHaveLength(MANY);
        const replaced = own.flatMap((row, at) =>
          before === null || same(row, before[queue]![at]!) ? [] : [at],
        );
        // Five steps of 8 fill 40 rows; the sixth starts again from the first.
        const first = (step % 5) * BATCH;
        if (before !== null) expect(replaced).toEqual(Array.from({ length: BATCH }, (_, i) => first + i));
        for (const row of own.slice(first, first + BATCH)) {
          expect(Math.hypot(...row)).toBeCloseTo(1, 5);
          written.add(`${queue} ${row.join()}`);
        }
      }
      before = after;
      step++;
    });
    // No view comes twice, although every picture comes more than once.
    expect(written.size).toBe(7 * BATCH * queues.length);
  });
});

function same(one: readonly number[], other: readonly number[]): boolean {
  return one.every((value, i) => value === other[i]);
}

describe("SwAV with more prototypes than pictures", () => {
  it.each([0, 10])("learns with a queue of %i, and so do all prototypes, each of length 1", async (queue) => {
    const own = TINY_METHODS.swav!;
    const settings = { ...own.settings, prototypes: MANY, queue, freezePrototypesEpochs: 0 };
    const choices: Choices = { ...own, method: "swav", batchSize: BATCH, settings };
    const losses: number[] = [];
    const start = await train(choices, 0, () => {});
    const first = rowsOf(start.values.get("prototypes.weight")!, WIDTH);
    const trainer = await train(choices, 6, ({ loss }) => losses.push(loss));
    expect(losses.every(Number.isFinite)).toBe(true);
    const prototypes = rowsOf(trainer.values.get("prototypes.weight")!, WIDTH);
    expect(prototypes).toHaveLength(MANY);
    for (const [at, prototype] of prototypes.entries()) {
      expect(Math.hypot(...prototype)).toBeCloseTo(1, 5);
      expect(same(prototype, first[at]!), `prototype ${at} stands still`).toBe(false);
    }
  });
});
