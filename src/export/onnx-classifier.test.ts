import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { resnet, vit } from "../backbones/index.ts";
import { linear } from "../nn/layers.ts";
import { runOnce } from "../runtime/session.ts";
import { initialEncoderValues } from "../train/values.ts";
import type { Classifier } from "../transfer/classifier.ts";
import { onnxClassifier } from "./onnx-classifier.ts";
import { onnxEncoder } from "./onnx-encoder.ts";

const imageSize = 16;
const head: Classifier["head"] = (scope, features) => linear(scope.at("classifier"), features, { out: 2 });

test.each([
  ["resnet18", resnet({ depth: 18, width: 4, stem: "cifar" })],
  ["vit", vit("vit", { imageSize, patch: 4, width: 24, depth: 2, heads: 3, dropPath: 0 })],
])("the exported %s has the encoder's outputs, and the head's", async (_, backbone) => {
  const encoder = initialEncoderValues(backbone, { imageSize, seed: 1 });
  const D = backbone.features;
  const [weight, bias] = [deterministic("weight", 2 * D), deterministic("bias", 2)];
  const values = new Map([
    ...[...encoder].map(([path, data]) => [`backbone.${path}`, data] as const),
    ["classifier.weight", weight] as const,
    ["classifier.bias", bias] as const,
  ]);
  const task = { kind: "several", names: ["a, b", 'so "called"'] } as const;
  const metadata = { method: "fine-tuning" };
  const own = onnxClassifier({ backbone, head, values, imageSize, task, temperature: 1.5, metadata });
  const pixels = deterministic("pixels", 3 * 3 * imageSize ** 2, 2);
  const expected = await runOnce(onnxEncoder({ backbone, values: encoder, imageSize }), {
    pixel_values: pixels,
  });
  const got = await runOnce(own, { pixel_values: pixels });
  expect(Object.keys(got).sort()).toEqual([...Object.keys(expected), "logits"].sort());
  for (const [name, data] of Object.entries(expected))
    expect(relativeError(got[name] as Float32Array, data as Float32Array)).toBeLessThan(1e-5);
  const features = expected.features as Float32Array;
  const plain = Array.from({ length: 6 }, (_, at) => {
    const [row, k] = [Math.floor(at / 2), at % 2];
    return features
      .subarray(row * D, (row + 1) * D)
      .reduce((sum, x, d) => sum + x * weight[k * D + d]!, bias[k]!);
  });
  expect(relativeError(got.logits as Float32Array, plain)).toBeLessThan(1e-5);
  expect(own.model.metadata).toMatchObject({
    ...{ task: "several", labels: '["a, b","so \\"called\\""]', temperature: "1.5" },
    ...{ method: "fine-tuning", backbone: backbone.name, image_size: "16" },
  });
});

test("numbers have the units of their labels in the metadata, and no temperature", () => {
  const backbone = resnet({ depth: 18, width: 4, stem: "cifar" });
  const encoder = initialEncoderValues(backbone, { imageSize, seed: 1 });
  const values = new Map([...encoder].map(([path, data]) => [`backbone.${path}`, data]));
  values
    .set("classifier.weight", new Float32Array(2 * backbone.features))
    .set("classifier.bias", new Float32Array(2));
  const task = { kind: "numbers", names: ["a", "b"], scale: { mean: [1, 2], deviation: [0.5, 3] } } as const;
  const { metadata } = onnxClassifier({ backbone, head, values, imageSize, task, temperature: 1 }).model;
  expect(metadata).toMatchObject({ task: "numbers", label_mean: "[1,2]", label_std: "[0.5,3]" });
  expect(metadata).not.toHaveProperty("temperature");
});
