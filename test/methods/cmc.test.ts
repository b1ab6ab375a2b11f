import { describe, expect, it } from "vitest";
import { restoreBackbone } from "../../src/backbones/index.ts";
import { onnxEncoder } from "../../src/export/onnx-encoder.ts";
import { encoderOf } from "../../src/methods/encoder-of.ts";
import { findMethod } from "../../src/methods/index.ts";
import { Scope } from "../../src/nn/scope.ts";
import { Variables } from "../../src/nn/variables.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { createSession, runOnce } from "../../src/runtime/session.ts";
import { compile, input } from "../../src/tensor/index.ts";
import { initialEncoderValues } from "../../src/train/values.ts";
import { deterministic } from "../support/deterministic.ts";
import { methodSteps, NARROW_RESNET, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";
import { tinyConfig } from "../support/tiny-run.ts";

const NARROW = { backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16 } };
const THREE = { colours: "ycbcr", split: ["y", "cb", "cr"], graph: "full", loss: "batch" };

describe.each([
  ["cmc", "lightness and colours, by both banks", NARROW_RESNET, { loss: "bank", negatives: 0 }],
  ["cmc-nce", "NCE, a constant for each direction", TINY_VIT, { loss: "bank", negatives: 12 }],
  ["cmc-batch", "three views, all pairs, in the batch", TINY_VIT, THREE],
])("%s", (theme, what, backbone, settings) => {
  it(`takes PyTorch's steps, with ${what}`, async () => {
    const steps = await methodSteps(theme, {
      method: "cmc",
      ...backbone,
      settings: { projectionOut: 16, ...settings },
      training: { decay: "cosine" },
    });
    expect(steps.unmatched).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
    expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
  });
});

const method = findMethod("cmc");
const chosen = (choices: Choices = {}) => tinyConfig({ method: "cmc", ...NARROW, ...choices });

describe("the views of CMC", () => {
  it("are never made grey", () => {
    const { settings } = chosen().method;
    const { views } = method.objective(settings, { imageSize: 16 } as never);
    const seen = views!.flatMap((group) => group.views);
    expect(seen.map(({ greyscale, jitter }) => [greyscale, jitter])).toEqual([[0, null]]);
  });

  it("are compared with the first, or all with all", () => {
    const split = ["l", "a", "b", "ab"];
    const losses = (["core", "full"] as const).map((graph) => {
      const { settings } = chosen({ settings: { split, graph, loss: "batch" } }).method;
      return method.collapsedLoss(settings, 8, 100)! / Math.log(8);
    });
    expect(losses).toEqual([6, 12].map((directions) => expect.closeTo(directions)));
  });

  it.each([
    ["at least two", ["l"]],
    ["of existing channels", ["l", "cb"]],
    ["of each channel once", ["l", "aa"]],
    ["different from each other", ["l", "l"]],
  ])("are %s", (_what, split) => {
    expect(() => chosen({ settings: { split } })).toThrow(
      /`settings\.split`.*two views and more, each of one or more of the channels l, a, b.*got \["l"/,
    );
  });
});

describe("the encoder of CMC", () => {
  const { method: kept, backbone } = chosen();
  const encoder = encoderOf({ method: kept, backbone });
  const values = initialEncoderValues(encoder, { imageSize: 16, seed: 1 });
  const pictures = deterministic("cmc.pictures", 2 * 3 * 16 * 16, 2);

  it("has the features of all its views, each with its own weights", () => {
    expect(encoder.features).toBe(2 * restoreBackbone(backbone.name, backbone.settings).features);
    expect(
      [...values.keys()].filter((path) => path.endsWith(".conv1.weight") && !path.includes("layer")),
    ).toEqual(["l.conv1.weight", "ab.conv1.weight"]);
    expect(values.get("ab.conv1.weight")!.length).toBe(2 * values.get("l.conv1.weight")!.length);
  });

  it("is exported with its conversion of colours, and takes the pictures of every encoder", async () => {
    const exported = onnxEncoder({ backbone: encoder, values, imageSize: 16 });
    const session = await createSession(exported);
    const got = await session.run({ pixel_values: pictures });
    await session.release();
    const scope = new Scope(new Variables(), "", { training: false, trainable: false });
    const inside = compile({ features: encoder.build(scope, input("x", [2, 3, 16, 16])).features });
    const expected = await runOnce(inside, { x: pictures, ...Object.fromEntries(values) });
    expect((got.features as Float32Array).length).toBe(2 * encoder.features);
    for (const [i, value] of (expected.features as Float32Array).entries())
      expect((got.features as Float32Array)[i]).toBeCloseTo(value, 4);
  });
});
