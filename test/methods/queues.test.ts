/** MoCo and NNCLR: keys that return to their queries, and neighbours that are chosen but get no gradient. */
import { describe, expect, it } from "vitest";
import { full, input, pullBack } from "../../src/tensor/index.ts";
import { tinyMethod } from "../support/method-cases.ts";
import { type MethodGraph, methodGraph, runGraph } from "../support/method-graph.ts";
import { dot, rowsOf, unit } from "../support/rows.ts";

/** Orders of four keys, each with its inverse: picture `order[i]` comes to place i. */
const PLAIN = [0, 1, 2, 3, 0, 1, 2, 3];
const MOVED = [2, 0, 3, 1, 1, 3, 0, 2];

describe.each(["moco-v1", "moco-v2"])("%s", (method) => {
  function graphOf(subBatches: number): MethodGraph {
    return methodGraph({ ...tinyMethod(method, { subBatches }), batchSize: 4 });
  }

  async function stepOf(graph: MethodGraph, shuffle: readonly number[]) {
    const outputs = { loss: graph.loss, key: graph.embeddings.key!, queue: graph.writes!.queue! };
    return runGraph(graph, outputs, { "draw:shuffle": Int32Array.from(shuffle) });
  }

  it("gives every query its own key, for any order in which keys are computed", async () => {
    const graph = graphOf(1);
    const [plain, moved] = [await stepOf(graph, PLAIN), await stepOf(graph, MOVED)];
    expect(moved.loss[0]).toBeCloseTo(plain.loss[0]!, 4);
    for (const [i, value] of plain.key.entries()) expect(moved.key[i]).toBeCloseTo(value, 4);
    // Keys that stay in the order in which they were computed give another loss.
    const lost = await stepOf(graph, [...MOVED.slice(0, 4), ...PLAIN.slice(4)]);
    expect(Math.abs(lost.loss[0]! - plain.loss[0]!)).toBeGreaterThan(0.01);
  });

  it("shows batch norm other parts of the keys in another order", async () => {
    const graph = graphOf(2);
    const [plain, moved] = [await stepOf(graph, PLAIN), await stepOf(graph, MOVED)];
    expect(Math.abs(moved.loss[0]! - plain.loss[0]!)).toBeGreaterThan(0.01);
  });

  it("writes keys of length 1", async () => {
    const { key, queue } = await stepOf(graphOf(2), MOVED);
    const keys = rowsOf(key, 8).map(unit);
    for (const [row, written] of rowsOf(queue, 8).entries())
      expect(dot(written, keys[row]!)).toBeCloseTo(1, 5);
    for (const written of rowsOf(queue, 8)) expect(dot(written, written)).toBeCloseTo(1, 5);
  });
});

describe("nnclr", () => {
  const graph = methodGraph({ ...tinyMethod("nnclr"), batchSize: 4 });

  it("learns from its predictions, and not from the embeddings that choose neighbours", () => {
    const { objective, batchSize, embeddings, inputs } = graph;
    const leaves = Object.entries(embeddings).map(([name, { shape }]) => [name, input(name, shape)] as const);
    const { loss } = objective.loss(Object.fromEntries(leaves), {
      ...{ scope: null as never, batchSize, scalars: {}, draws: {}, targets: {} },
      memories: { queue: { size: 40, rows: inputs.get("memory.queue")! } },
    });
    const passed = pullBack(
      [loss],
      [full([], 1)],
      leaves.map(([, leaf]) => leaf),
    );
    const learned = leaves.filter((_, i) => passed[i] !== null).map(([name]) => name);
    expect(learned).toEqual(["prediction"]);
    expect(leaves.map(([name]) => name)).toContain("projection");
  });
});
