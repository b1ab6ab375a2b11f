import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { TINY, tinyPictures } from "../../test/support/tiny-run.ts";
import { createBackbone } from "../backbones/index.ts";
import { linear } from "../nn/layers.ts";
import { extractFeatures } from "../train/encoder.ts";
import { initialEncoderValues, type Values } from "../train/values.ts";
import { predictLogits } from "./classifier.ts";

const { imageSize } = TINY;
const backbone = createBackbone("resnet18", { imageSize, widthMultiplier: 1 / 16 });
const encoder = initialEncoderValues(backbone, { imageSize, seed: 1 });
const K = 3;
const D = backbone.features;
const head: Values = new Map([
  ["classifier.weight", deterministic("weight", K * D)],
  ["classifier.bias", deterministic("bias", K)],
]);
const network = {
  ...{ backbone, imageSize, threads: 1 },
  head: (scope: Parameters<typeof linear>[0], features: Parameters<typeof linear>[1]) =>
    linear(scope.at("classifier"), features, { out: K }),
  values: new Map([...[...encoder].map(([path, data]) => [`backbone.${path}`, data] as const), ...head]),
};
const pictures = tinyPictures(11);

test("logits are the head of the encoder's features, whatever the batches", async () => {
  const expected = await extractFeatures(pictures, { backbone, values: encoder, imageSize, threads: 1 });
  const { features, logits } = await predictLogits(pictures, { ...network, batchSize: 4 });
  expect(relativeError(features.data, expected.data)).toBeLessThan(1e-6);
  const [weight, bias] = [head.get("classifier.weight")!, head.get("classifier.bias")!];
  const plain = Array.from({ length: 11 * K }, (_, at) => {
    const [row, k] = [Math.floor(at / K), at % K];
    return expected.data
      .subarray(row * D, (row + 1) * D)
      .reduce((sum, x, d) => sum + x * weight[k * D + d]!, bias[k]!);
  });
  expect(logits).toMatchObject({ rows: 11, cols: K });
  expect(relativeError(logits.data, plain)).toBeLessThan(1e-5);
});

test("only the pictures asked for are predicted, in their order, and progress counts them", async () => {
  const all = await predictLogits(pictures, network);
  const done: number[] = [];
  const some = await predictLogits(
    pictures,
    { ...network, batchSize: 2, onProgress: (at) => done.push(at) },
    [9, 2, 4],
  );
  for (const [to, from] of [9, 2, 4].entries()) {
    const row = (data: Float32Array, at: number) => data.subarray(at * K, (at + 1) * K);
    expect(relativeError(row(some.logits.data, to), row(all.logits.data, from))).toBeLessThan(1e-5);
  }
  expect(done).toEqual([2, 3]);
});

test("logits that are not finite name the picture, and nothing is refused", async () => {
  const values = new Map(network.values).set("classifier.bias", Float32Array.of(0, Number.NaN, 0));
  await expect(predictLogits(pictures, { ...network, values }, [3])).rejects.toThrow(`${pictures.names[3]}`);
  await expect(predictLogits(pictures, network, [])).rejects.toThrow("at least one picture");
});
