/**
 * SwAV, iBOT and DINOv2's recipe: the patches that are hidden from the student, learning rates, prototypes,
 * and the step from which queues count.
 */
import { describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.ts";
import { randomStream } from "../../src/random/random-stream.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { sizeOf } from "../../src/tensor/index.ts";
import { describeRun } from "../../src/train/describe-run.ts";
import { tinyMethod } from "../support/method-cases.ts";
import { madeUpValue, methodGraph, runGraph } from "../support/method-graph.ts";
import { rowsOf } from "../support/rows.ts";
import { tinyConfig } from "../support/tiny-run.ts";

function tiny(method: string, settings: object = {}): Choices {
  return { ...tinyMethod(method, settings), batchSize: 4 };
}

describe.each(["ibot", "dinov2"])("%s", (method) => {
  const choices = tiny(method);
  const graph = methodGraph(choices);
  const [draw] = graph.objective.draws;

  /** Places that are hidden in the two crops of a picture. */
  function hidden(maskProbability: number, picture: number): number[][] {
    const { options } = describeRun(
      tinyConfig({ ...choices, settings: { ...choices.settings, maskProbability } }),
    );
    const own = options.objective.draws[0]!;
    const drawn = new Int32Array(sizeOf(own.shape(1)));
    own.fill(drawn, randomStream(0, "draw/hidden", 0, picture), picture);
    return rowsOf(drawn, drawn.length / 2).map((places) => [...places].filter((place) => place >= 0));
  }

  it("draws each picture's hidden patches separately, at most half of a crop's", () => {
    expect(draw).toMatchObject({ stage: "embed", per: "picture" });
    expect(draw!.shape(3)).toEqual([3, 2, 8]); // of 4 by 4 patches
  });

  it("hides patches of one crop of every picture, of both or of none, according to the probability", () => {
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

  it("hides patches from the student, and shows the teacher all of them", async () => {
    const { learnedClass, taughtClass } = graph.embeddings;
    const outputs = { learned: learnedClass!, taught: taughtClass! };
    const view = madeUpValue("view:global", graph.inputs.get("view:global")!) as Float32Array;
    const changed = view.slice();
    // The first patch of the first picture becomes red.
    for (const row of [0, 1, 2, 3]) changed.fill(9, 16 * row, 16 * row + 4);
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

  it("has its teacher as the encoder", () => {
    expect(graph.method.encoder).toBe("teacher");
  });
});

describe("dinov2", () => {
  it("learns more slowly in lower blocks, and most slowly in the patch projection", () => {
    const { objective, options } = methodGraph(tiny("dinov2", { layerDecay: 0.5, patchRate: 0.1 }));
    const [rate] = objective.rates;
    const factor = (path: string) => {
      expect(rate!.applies({ path, decays: true })).toBe(true);
      return (rate!.by as { factor(path: string, backbone: Backbone): number }).factor(
        path,
        options.backbone,
      );
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
  it("counts its queue from the first step in which it is full", () => {
    const { objective } = methodGraph(tiny("swav", { queue: 20, queueStart: 0.25 }));
    const plan = { steps: 80, stepsPerEpoch: 10, epochs: 8, batchSize: 8 };
    const counts = objective.scalars(plan).queue_counts!;
    // The queue fills from epoch 2 on with 8 rows a step, so three steps write 24.
    expect([0, 22, 23, 79].map(counts)).toEqual([0, 0, 1, 1]);
  });

  it("keeps each prototype's length, also while prototypes are frozen", async () => {
    const graph = methodGraph(tiny("swav"));
    const [constraint] = graph.objective.constraints;
    const prototypes = graph.variables.get("prototypes.weight")!;
    const projected = constraint!.project(prototypes.value);
    const { rows } = await runGraph(graph, { rows: projected });
    for (const row of rowsOf(rows, 8)) expect(Math.hypot(...row)).toBeCloseTo(1, 6);
  });
});
