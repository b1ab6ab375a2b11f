/**
 * Draws that both stages of an objective see: they are the same numbers in both, in every form of a step.
 */
import { describe, expect, it } from "vitest";
import { batches } from "../../src/data/loader.ts";
import { linear } from "../../src/nn/layers.ts";
import type { Draw } from "../../src/objectives/draw.ts";
import type { Method } from "../../src/objectives/method.ts";
import { randomStream } from "../../src/random/random-stream.ts";
import { configure } from "../../src/runs/configure/configure.ts";
import { add, mean, mul, reshape, square, sub } from "../../src/tensor/index.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { tinyPictures } from "../support/tiny-run.ts";

const [BATCH, SEED, STEPS] = [8, 5, 2];

/** One number for each picture. */
const draw = (per: Draw["per"]): Draw => ({
  ...{ name: "weights", stage: "both", per, dtype: "float32" },
  shape: (pictures) => [pictures],
  fill(out, random) {
    for (let i = 0; i < out.length; i++) out[i] = random.uniform(1, 2);
  },
});

/** The loss does not depend on the network; the metrics tell what each stage sees. */
const method = (per: Draw["per"], couplesBatch: boolean): Method => ({
  name: "drawing",
  objective: () => ({
    draws: [draw(per)],
    couplesBatch,
    embed({ scope, backbone, views, draws }) {
      const { features } = backbone.build(scope.at("backbone"), views.picture!);
      return { out: linear(scope.at("head"), features, { out: 1 }), seen: draws.weights! };
    },
    loss({ out, seen }, { draws, batchSize }) {
      const own = draws.weights!;
      const loss = add(mul(mean(square(reshape(out!, [batchSize]))), 0), mean(own));
      return { loss, metrics: { embedding: mean(seen!), difference: mean(square(sub(seen!, own))) } };
    },
  }),
});

async function train(per: Draw["per"], couplesBatch: boolean, microBatch: number) {
  const own = method(per, couplesBatch);
  const choices = {
    ...{ imageSize: 16, canvas: 24, batchSize: BATCH, microBatch, epochs: 2, seed: SEED },
    ...{ backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16, norm: "group" as const } },
  };
  const dataset = tinyPictures(BATCH);
  const data = { path: "", fingerprint: dataset.fingerprint, pictures: BATCH };
  const trainer = await Trainer.create(configure(choices, data, own), { method: own, threads: 1 });
  const orders: number[][] = [];
  const reports = [];
  for (let step = 0; step < STEPS; step++) {
    const source = { batchSize: BATCH, partSize: microBatch, seed: SEED, epoch: step };
    for await (const batch of batches(dataset, source)) {
      orders.push([...batch.indices]);
      reports.push(await trainer.step(batch, step));
    }
  }
  await trainer.release();
  return { orders, reports };
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What the host draws for a batch: for each part by its start, or for each picture in the epoch. */
function drawn(per: Draw["per"], step: number, order: readonly number[], microBatch: number): number {
  if (per === "picture") return meanOf(order.map((picture) => uniforms(step, picture, 1)[0]!));
  const starts = Array.from({ length: BATCH / microBatch }, (_, part) => part * microBatch);
  return meanOf(starts.flatMap((start) => uniforms(step, start, microBatch)));
}

function uniforms(at: number, index: number, count: number): number[] {
  const random = randomStream(SEED, "draw/weights", at, index);
  return Array.from({ length: count }, () => random.uniform(1, 2));
}

const FORMS = [
  ["as one graph", "part", false, 8],
  ["in parts with summed gradients", "part", false, 4],
  ["as one graph, drawn by picture", "picture", false, 8],
  ["in parts with summed gradients, drawn by picture", "picture", false, 2],
  ["in parts with the loss of the whole batch, drawn by picture", "picture", true, 4],
] as const;

describe.each(FORMS)("a step %s", (_name, per, couplesBatch, microBatch) => {
  it("gives both stages the host's numbers", async () => {
    const { orders, reports } = await train(per, couplesBatch, microBatch);
    for (const [step, { loss, metrics }] of reports.entries()) {
      const expected = drawn(per, step, orders[step]!, microBatch);
      expect(metrics.difference).toBe(0);
      expect(loss).toBeCloseTo(expected, 5);
      expect(metrics.embedding).toBeCloseTo(expected, 5);
    }
    expect(reports[0]!.loss).not.toBe(reports[1]!.loss);
  });
});

it.each([BATCH, 4])(
  "a loss of the whole batch refuses one for each part, in micro-batches of %s",
  async (size) => {
    await expect(train("part", true, size)).rejects.toMatchObject({ code: "method/objective" });
  },
);
