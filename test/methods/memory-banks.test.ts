/** The state of methods with a bank: rows of pictures, and the constant of NCE. */
import { describe, expect, it } from "vitest";
import { Scope } from "../../src/nn/scope.ts";
import { type MethodGraph, madeUpValue, methodGraph, runGraph } from "../support/method-graph.ts";
import { dot, rowsOf, unit } from "../support/rows.ts";

const NARROW = { backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16 }, batchSize: 4 };
const SMALL = { projectionOut: 8 };

describe("the rows of a bank", () => {
  it("are means of the old row and the new embedding, normalised to length 1", async () => {
    const choices = {
      ...NARROW,
      method: "instdisc",
      settings: { ...SMALL, bankMomentum: 0.25, temperature: 1 },
    };
    const graph = methodGraph(choices);
    const outputs = { bank: graph.writes!.bank!, embedding: embeddingOf(graph) };
    const { bank, embedding } = await runGraph(graph, outputs);
    const own = rowsOf(madeUpValue("own:bank", { shape: [4, 8], dtype: "float32" }) as Float32Array, 8);
    const expected = rowsOf(embedding, 8).map((v, b) => unit(v.map((x, i) => 0.25 * own[b]![i]! + 0.75 * x)));
    for (const [b, row] of rowsOf(bank, 8).entries()) {
      expect(dot(row, row)).toBeCloseTo(1, 5);
      for (const [i, value] of row.entries()) expect(value).toBeCloseTo(expected[b]![i]!, 5);
    }
  });

  it("start with a mean square of 1/D, like the authors'", () => {
    const { objective } = methodGraph({ ...NARROW, method: "instdisc", settings: SMALL });
    const [bank] = objective.memories;
    const random = { fillUniform: (out: Float32Array, low: number, high: number) => out.set([low, high]) };
    expect([...bank!.initial([1, 8], random as never)].slice(0, 2).map((x) => x ** 2 / 3)).toEqual([
      expect.closeTo(1 / 8, 6),
      expect.closeTo(1 / 8, 6),
    ]);
  });
});

/** The embedding that the loss gets. */
function embeddingOf({ options, variables, batchSize, inputs }: MethodGraph) {
  const { objective, backbone } = options;
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const context = { scope, batchSize, scalars: {}, draws: {}, teacher: null, backbone };
  return objective.embed({ ...context, views: { picture: inputs.get("view:picture")! } }).embedding!;
}

describe("the constant of NCE", () => {
  it("is that of the first batch, and stays the same", async () => {
    const graph = methodGraph({ ...NARROW, method: "instdisc", settings: { ...SMALL, negatives: 5 } });
    const { next, value } = graph.variables.get("loss.normalizer")!;
    const first = await runGraph(graph, { next });
    expect(first.next[0]).toBeGreaterThan(0);
    const name = (value.node.attrs as { name: string }).name;
    const later = await runGraph(graph, { next }, { [name]: Float32Array.of(7) });
    expect(later.next[0]).toBe(7);
  });

  it("is separate for each direction of CMC", () => {
    const { variables } = methodGraph({
      ...NARROW,
      method: "cmc",
      settings: { ...SMALL, loss: "bank", negatives: 5 },
    });
    const constants = variables.all.map(({ path }) => path).filter((path) => path.endsWith("normalizer"));
    expect(constants).toEqual(["loss.l.ab.normalizer", "loss.ab.l.normalizer"]);
  });
});
