import { expect, it } from "vitest";
import { sizeOf } from "../../src/tensor/index.ts";
import { initialMemories } from "../../src/train/host-memories.ts";
import { madeUpValue, methodGraph, runGraph } from "../support/method-graph.ts";
import { TINY_METHODS } from "../support/tiny-run.ts";

const graph = methodGraph({ ...TINY_METHODS.swav, method: "swav" });
const QUEUES = ["memory.queue_1", "memory.queue_2"];

/**
 * The loss with `unwritten` rows in each queue that were never written; the schedule counts the queues if
 * `counts` is 1.
 */
async function lossOf(counts: number, unwritten: number): Promise<number> {
  const queues = QUEUES.map((name) => {
    const tensor = graph.inputs.get(name)!;
    const rows = Float32Array.from(madeUpValue(name, tensor) as Float32Array);
    rows.fill(0, sizeOf(tensor.shape) - unwritten * tensor.shape[1]!);
    return [name, rows] as const;
  });
  const feeds = { ...Object.fromEntries(queues), "scalar:queue_counts": Float32Array.of(counts) };
  return (await runGraph(graph, { loss: graph.loss }, feeds)).loss[0]!;
}

it("counts SwAV's queues from their scheduled step on, once all their rows are written", async () => {
  const [closed, oneMissing, full] = [await lossOf(0, 0), await lossOf(1, 1), await lossOf(1, 0)];
  expect(oneMissing).toBeCloseTo(closed, 6);
  expect(Math.abs(full - closed)).toBeGreaterThan(1e-3);
});

it("begins with unwritten rows", () => {
  const { memories } = graph.objective;
  expect(memories.map(({ name }) => `memory.${name}`)).toEqual(QUEUES);
  for (const rows of initialMemories(memories, graph.options.pictures, 1).values())
    expect(rows.every((value) => value === 0)).toBe(true);
});
