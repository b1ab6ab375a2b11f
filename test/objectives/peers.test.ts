/** Two processes that compute a step together, played by two trainers that meet in memory. */
import { configure } from "afterimage";
import { batches } from "afterimage/data";
import { type NamedData, type Peers, Trainer } from "afterimage/train";
import { describe, expect, it } from "vitest";
import { TINY_METHODS } from "../support/tiny-methods.ts";
import { TINY, tinyPictures } from "../support/tiny-run.ts";

const SIZE = 2;
const PART = 2;
const dataset = tinyPictures();

/** Peers of one process each: whoever comes first waits for the others. */
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

async function train(method: string, peers: Peers | undefined) {
  const choices = { ...TINY, ...TINY_METHODS[method], method, epochs: 1, microBatch: PART };
  const data = { path: "", fingerprint: dataset.fingerprint, pictures: dataset.size };
  const config = configure(choices, data);
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

/** One of each kind: a coupled loss, a sum of parts, a teacher with centres, a queue, a bank, prototypes. */
describe.each(["simclr", "rotnet", "dino", "moco-v2", "instdisc", "swav"])("%s", (method) => {
  it("takes the same steps by two processes as by one, and both have all values", async () => {
    const alone = await train(method, undefined);
    const both = await Promise.all(meetingPeers().map((peers) => train(method, peers)));
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
