import { describe, expect, it } from "vitest";
import { createBackbone } from "../../src/backbones/index.ts";
import { onnxEncoder } from "../../src/export/onnx-encoder.ts";
import { cpc } from "../../src/methods/cpc.ts";
import { overlappingPatches, Scope, Variables } from "../../src/nn/index.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, input, mean, reshape } from "../../src/tensor/index.ts";
import { initialValues } from "../../src/train/values.ts";
import { deterministic } from "../support/deterministic.ts";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";
import { relativeError } from "../support/probe.ts";
import { tinyConfig } from "../support/tiny-run.ts";

const SETTINGS = {
  grid: 4,
  patch: 8,
  nearest: 1,
  farthest: 3,
  targetWidth: 16,
  cosine: false,
  temperature: 2,
};

describe.each([
  { context: "rows", contextLayers: 2, cosine: false, temperature: 2 },
  { context: "gru", cosine: true, temperature: 0.1 },
])("CPC with the context network $context", (own) => {
  it("takes PyTorch's steps, from noisy patches to predictions of the rows below", async () => {
    const steps = await methodSteps(`cpc-${own.context}`, {
      method: "cpc",
      ...NARROW_RESNET,
      settings: { ...SETTINGS, ...own, contextWidth: 20 },
    });
    expect(steps.unmatched).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(2e-6);
    // The GRU's weights move by 6e-5 of their size.
    expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
  });
});

describe("CPC", () => {
  it("has the mean over patches as its encoder, for any number of pictures at a time", async () => {
    const backbone = createBackbone("resnet18", { imageSize: 16, widthMultiplier: 1 / 16, norm: "layer" });
    const settings = { ...SETTINGS, context: "rows" } as never;
    const encoder = cpc.encoderOf!(backbone, settings);
    const variables = new Variables();
    const scope = new Scope(variables, "", { training: false, trainable: false });
    const pictures = input("pictures", [2, 3, 16, 16]);
    const { features } = backbone.build(scope, overlappingPatches(pictures, { grid: 4, patch: 8 }));
    const expected = mean(reshape(features, [2, 16, features.shape[1]!]), [1]);
    const values = initialValues(variables.all, new Map(), 0);
    const data = deterministic("pictures", 2 * 3 * 16 * 16, 2);
    const plain = await runOnce(compile({ expected }), { pictures: data, ...Object.fromEntries(values) });
    const exported = await runOnce(onnxEncoder({ backbone: encoder, values, imageSize: 16 }), {
      pixel_values: data,
    });
    expect(exported.features).toHaveLength(2 * encoder.features);
    expect(relativeError(exported.features as Float32Array, plain.expected as Float32Array)).toBeLessThan(
      1e-5,
    );
  });

  it("cuts pictures into 7 × 7 half-overlapping patches, small ones into 5 × 5, in whole patches of a transformer", () => {
    const situation = {
      pictures: 1000,
      batchSize: 8,
      epochs: 10,
      family: "vit",
      batchNorm: false,
      features: 192,
    } as const;
    const patchOf = (imageSize: number, multipleOf: number) =>
      cpc.defaults({ ...situation, imageSize, multipleOf }).patch;
    expect([32, 64, 224, 256].map((size) => patchOf(size, 1))).toEqual([10, 16, 56, 64]);
    expect([32, 64].map((size) => patchOf(size, 4))).toEqual([8, 16]);
  });

  it("refuses patches as large as the picture, and rows that the grid does not have", () => {
    const configured = (settings: Record<string, unknown>) => () => tinyConfig({ method: "cpc", settings });
    expect(configured({ patch: 16 })).toThrow(/`settings\.patch`.*less than the image size 16.*got 16/);
    expect(configured({ farthest: 7 })).toThrow(/farthest.*less than grid/);
    expect(configured({ nearest: 6 })).toThrow(/farthest.*nearest or more/);
  });
});
