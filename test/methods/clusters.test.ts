/** What SwAV, iBOT and DINOv2's recipe depend on: order, what learns and what stands still, what is hidden from whom. */
import { describe, expect, it } from "vitest";
import type { Choices } from "../../src/jobs/configure.ts";
import { findMethod } from "../../src/methods/index.ts";
import { randomStream } from "../../src/random/random-stream.ts";
import { topologicalOrder } from "../../src/tensor/gradient.ts";
import { full, pullBack, sizeOf, type Tensor, type TensorData } from "../../src/tensor/index.ts";
import { describeRun } from "../../src/train/describe-run.ts";
import { type MethodGraph, madeUpValue, methodGraph, runGraph } from "../support/method-graph.ts";
import { relativeError } from "../support/probe.ts";
import { rowsOf } from "../support/rows.ts";
import { TINY_METHODS, tinyConfig } from "../support/tiny-run.ts";

function tiny(method: string, settings: object = {}): Choices {
  const choices = TINY_METHODS[method]!;
  return { ...choices, method, batchSize: 4, settings: { ...choices.settings, ...settings } };
}

const CASES: [string, Choices][] = [
  ["swav with queues", tiny("swav")],
  ["swav without", tiny("swav", { queue: 0 })],
  ["ibot", tiny("ibot")],
  ["ibot without local crops", tiny("ibot", { localCrops: 0 })],
  ["dinov2", tiny("dinov2")],
  ["dinov2 with two heads", tiny("dinov2", { separateHead: true })],
];

describe.each(CASES)("%s", (_name, choices) => {
  const graph = methodGraph(choices);
  const { variables, inputs } = graph;

  it("has the same loss for pictures in another order, and writes their rows in that order", async () => {
    const outputs = { loss: graph.loss, ...graph.writes };
    const order = [2, 0, 3, 1];
    const plain = await runGraph(graph, outputs, ofPicturesIn(graph, [0, 1, 2, 3]));
    const moved = await runGraph(graph, outputs, ofPicturesIn(graph, order));
    expect(moved.loss[0]).toBeCloseTo(plain.loss[0]!, 4);
    for (const name of Object.keys(graph.writes ?? {}) as "loss"[]) {
      const [before, after] = [rowsOf(plain[name], 8), rowsOf(moved[name], 8)];
      for (const [place, from] of order.entries())
        expect(relativeError(after[place]!, before[from]!)).toBeLessThan(1e-4);
    }
  });

  it("teaches all that it learns with, and neither teacher, centres nor queues", () => {
    const still = variables.all.filter(({ kind, path }) => kind === "state" && !path.startsWith("backbone."));
    const queues = [...inputs].filter(([name]) => name.startsWith("memory.")).map(([, tensor]) => tensor);
    const parameters = variables.parameters.map(({ value }) => value);
    const asked = [...still.map(({ value }) => value), ...queues];
    const passed = pullBack([graph.loss], [full([], 1)], [...asked, ...parameters]);
    expect(passed.slice(0, asked.length).filter((grad) => grad !== null)).toEqual([]);
    expect(passed.slice(asked.length).filter((grad) => grad === null)).toEqual([]);
  });

  it("has a twin in the teacher for all but the mask token, if it has a teacher", () => {
    for (const { path, shape } of variables.parameters) {
      const twin = variables.get(`teacher.${path}`);
      if (graph.options.method.hasTeacher && path !== "mask_token")
        expect(twin, path).toMatchObject({ kind: "state", shape });
      else expect(twin, path).toBeUndefined();
    }
  });
});

describe.each(["ibot", "dinov2"])("%s", (method) => {
  const choices = tiny(method);
  const graph = methodGraph(choices);
  const [draw] = graph.options.draws;

  /** Places that are hidden from the two crops of a picture. */
  function hidden(maskProbability: number, picture: number): number[][] {
    const { options } = describeRun(
      tinyConfig({ ...choices, settings: { ...choices.settings, maskProbability } }),
    );
    const own = options.draws[0]!;
    const drawn = new Int32Array(sizeOf(own.shape(1)));
    own.fill(drawn, randomStream(0, "draw/hidden", 0, picture), picture);
    return rowsOf(drawn, drawn.length / 2).map((places) => [...places].filter((place) => place >= 0));
  }

  it("draws each picture's hidden patches by itself, at most half of a crop's", () => {
    expect(draw).toMatchObject({ stage: "embed", per: "picture" });
    expect(draw!.shape(3)).toEqual([3, 2, 8]); // of 4 by 4 patches
  });

  it("hides patches of one crop of every picture, of both or of none, as the probability says", () => {
    const crops = (probability: number) =>
      Array.from({ length: 20 }, (_, picture) =>
        hidden(probability, picture).map(({ length }) => Math.min(1, length)),
      );
    expect(crops(0)).toEqual(new Array(20).fill([0, 0]));
    expect(crops(1)).toEqual(new Array(20).fill([1, 1]));
    const half = crops(0.5);
    expect(half.every(([first, second]) => first! + second! === 1)).toBe(true);
    expect(new Set(half.map(([first]) => first))).toEqual(new Set([0, 1]));
  });

  it("lets no hidden patch be seen by the student, and all of them by the teacher", async () => {
    const { learnedClass, taughtClass } = graph.embeddings;
    const outputs = { learned: learnedClass!, taught: taughtClass! };
    const view = madeUpValue("view:global", graph.inputs.get("view:global")!) as Float32Array;
    const changed = view.slice();
    for (const row of [0, 1, 2, 3]) changed.fill(9, 16 * row, 16 * row + 4); // the first patch of the first picture, in red
    const run = async (places: readonly number[], pixels: Float32Array) => {
      const drawn = new Int32Array(sizeOf(draw!.shape(4))).fill(-1);
      drawn.set(places);
      return runGraph(graph, outputs, { "draw:hidden": drawn, "view:global": pixels });
    };
    const [before, after] = [await run([0, 5], view), await run([0, 5], changed)];
    expect(after.learned).toEqual(before.learned);
    expect(after.taught).not.toEqual(before.taught);
    expect((await run([5], changed)).learned).not.toEqual((await run([5], view)).learned);
  });

  it("has a teacher of its own weights", () => {
    const names = inputsOf([graph.embeddings.taughtClass!, graph.embeddings.taughtPatches!]);
    const weights = names.filter((name) => !/^(view|draw):/.test(name));
    expect(weights.filter((name) => !name.startsWith("teacher."))).toEqual([]);
    expect(graph.options.method.encoder).toBe("teacher");
  });
});

describe("dinov2", () => {
  it("learns slower from block to block downwards, and slowest in its patch projection", () => {
    const { options } = methodGraph(tiny("dinov2", { layerDecay: 0.5, patchRate: 0.1 }));
    const [rate] = options.method.rates!;
    const factor = (path: string) => {
      expect(rate!.applies({ path, decays: true })).toBe(true);
      return (rate!.by as { factor(path: string, run: object): number }).factor(path, options);
    };
    expect(factor("backbone.patch_embed.proj.weight")).toBeCloseTo(0.1 * 0.5 ** 3, 12); // two blocks
    expect(["backbone.cls_token", "backbone.pos_embed", "mask_token"].map(factor)).toEqual([
      0.125, 0.125, 0.125,
    ]);
    expect(factor("backbone.blocks.0.attn.qkv.weight")).toBe(0.25);
    expect(factor("backbone.blocks.1.mlp.fc1.bias")).toBe(0.5);
    expect(factor("backbone.norm.weight")).toBe(1);
    expect(rate!.applies({ path: "head.mlp.0.weight", decays: true })).toBe(false);
  });
});

describe("swav", () => {
  it("lets its queue count from the step on that finds it full", () => {
    const { options } = methodGraph(tiny("swav"));
    const settings = { ...options.settings, queue: 20, queueStart: 0.25 };
    const plan = { steps: 80, stepsPerEpoch: 10, epochs: 8, batchSize: 8 };
    const counts = findMethod("swav").scalars(settings, plan).queue_counts!;
    // From epoch 2 on 8 rows a step: the first three steps write 24.
    expect([0, 22, 23, 79].map(counts)).toEqual([0, 0, 1, 1]);
  });

  it("keeps each prototype's length, also while they stand still", async () => {
    const graph = methodGraph(tiny("swav"));
    const [constraint] = graph.options.method.constraints!;
    const prototypes = graph.variables.get("prototypes.weight")!;
    const projected = constraint!.project(prototypes.value);
    const { rows } = await runGraph(graph, { rows: projected });
    for (const row of rowsOf(rows, 8)) expect(Math.hypot(...row)).toBeCloseTo(1, 6);
  });
});

/** Inputs whose rows are of pictures, for pictures in another order; hidden patches as they are drawn. */
function ofPicturesIn({ inputs, batchSize, options }: MethodGraph, order: readonly number[]) {
  const moved = [...inputs].flatMap(([name, tensor]): [string, TensorData][] => {
    if (name === "draw:hidden") return [[name, drawnFor(options.draws[0]!, order)]];
    if (!name.startsWith("view:")) return [];
    const data = madeUpValue(name, tensor);
    const size = sizeOf(tensor.shape.slice(1));
    return [[name, data.map((_, at) => data[from(Math.floor(at / size)) * size + (at % size)]! as never)]];
  });
  /** Rows are views of pictures, view by view. */
  function from(row: number): number {
    return row - (row % batchSize) + order[row % batchSize]!;
  }
  return Object.fromEntries(moved);
}

function drawnFor(draw: MethodGraph["options"]["draws"][number], pictures: readonly number[]): Int32Array {
  const drawn = new Int32Array(sizeOf(draw.shape(pictures.length)));
  const width = drawn.length / pictures.length;
  for (const [row, picture] of pictures.entries())
    draw.fill(
      drawn.subarray(row * width, (row + 1) * width),
      randomStream(0, "draw/hidden", 0, picture),
      picture,
    );
  return drawn;
}

function inputsOf(tensors: readonly Tensor[]): string[] {
  return topologicalOrder([...tensors])
    .filter(({ operator }) => operator.name === "input")
    .map(({ attrs }) => (attrs as { name: string }).name);
}
