/** Two processes that compute a step together, played by two trainers that meet in memory. */
import { batches } from "afterimage/data";
import { type NamedData, type Peers, Trainer } from "afterimage/train";
import { describe, expect, it } from "vitest";
import { type Choices, TINY_METHODS, tinyConfig, tinyPictures } from "../support/tiny-run.ts";

const SIZE = 2;
const PART = 2;
const dataset = tinyPictures();

/** Peers of one process each. The first to arrive waits for the others. */
function meetingPeers(): Peers[] {
  let came: { arrays: NamedData; rank: number; go(all: readonly NamedData[]): void }[] = [];
  const meet = (rank: number, arrays: NamedData) =>
    new Promise<readonly NamedData[]>((go) => {
      const copied = Object.entries(arrays).map(([name, data]) => [name, data.slice()] as const);
      came.push({ arrays: Object.fromEntries(copied), rank, go });
      if (came.length < SIZE) return;
      const all = came.sort((a, b) => a.rank - b.rank);
      came = [];
      for (const each of all) each.go(all.map((one) => one.arrays));
    });
  return Array.from({ length: SIZE }, (_, rank) => ({
    rank,
    size: SIZE,
    gather: (arrays) => meet(rank, arrays),
    async sum(arrays) {
      const all = await meet(rank, arrays);
      for (const [name, own] of Object.entries(arrays))
        for (let i = 0; i < own.length; i++)
          own[i] = all.reduce((sum, each) => sum + (each[name]![i] as number), 0);
    },
  }));
}

async function train(choices: Choices, peers: Peers | undefined) {
  const config = tinyConfig({ ...choices, epochs: 1, microBatch: PART });
  const trainer = await Trainer.create(config, { threads: 1, ...(peers && { peers }) });
  const { batchSize, microBatch: partSize, seed } = config;
  const losses: number[] = [];
  const source = { batchSize, partSize, seed, epoch: 0, ...(peers && { share: peers }) };
  for await (const batch of batches(dataset, source))
    losses.push((await trainer.step(batch, losses.length)).loss);
  await trainer.release();
  return { losses, values: trainer.values };
}

const largest = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * A ViT has no batch norm; the ResNets of the other cases have its statistics. With SGD, because the gradient
 * of a key's bias is pure rounding, which AdamW would divide by its own size.
 */
const VIT: Choices = {
  ...{ backbone: "vit_tiny", backboneOptions: { patch: 8, dropPath: 0 } },
  training: { optimizer: "sgd", learningRate: 0.1, finalLearningRate: 0.1, warmupEpochs: 0, clip: null },
};

/**
 * One method of each kind: a coupled loss, a sum of parts, a teacher with centres, a queue, a bank,
 * prototypes.
 */
describe.each<[string, Choices]>([
  ["simclr", {}],
  ["rotnet", {}],
  ["dino", VIT],
  ["moco-v2", {}],
  ["instdisc", VIT],
  ["swav", VIT],
])("%s", (method, backbone) => {
  it("takes the same steps with two processes as with one, and both have all values", async () => {
    const choices = { ...TINY_METHODS[method], method, ...backbone };
    const alone = await train(choices, undefined);
    const both = await Promise.all(meetingPeers().map((peers) => train(choices, peers)));
    for (const { losses, values } of both) {
      for (const [i, loss] of alone.losses.entries()) expect(losses[i]! / loss).toBeCloseTo(1, 4);
      for (const [path, data] of alone.values) {
        const scale = Math.max(1e-2, largest(data));
        const error = largest(data.map((value, i) => value - values.get(path)![i]!));
        // Second moments magnify rounding, and the values depend on them anyway.
        if (path.startsWith("optimizer.")) continue;
        expect(error / scale, path).toBeLessThan(2e-3);
      }
    }
    expect([...both[0]!.values].map(([path, data]) => [path, [...data]])).toEqual(
      [...both[1]!.values].map(([path, data]) => [path, [...data]]),
    );
  });
});
