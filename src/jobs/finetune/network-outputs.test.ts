import { expect, it } from "vitest";
import { deterministic } from "../../../test/support/deterministic.ts";
import { TINY, tinyPictures } from "../../../test/support/tiny-run.ts";
import { createBackbone } from "../../backbones/index.ts";
import { linear } from "../../nn/layers.ts";
import type { Scope } from "../../nn/scope.ts";
import type { Tensor } from "../../tensor/index.ts";
import { initialEncoderValues } from "../../train/values.ts";
import { predictLogits } from "../../transfer/classifier.ts";
import { outputsOf } from "./network-outputs.ts";

const { imageSize } = TINY;
const backbone = createBackbone("resnet18", { imageSize, widthMultiplier: 1 / 16 });
const encoder = [...initialEncoderValues(backbone, { imageSize, seed: 1 })];
const network = {
  ...{ backbone, imageSize },
  head: (scope: Scope, features: Tensor) => linear(scope.at("classifier"), features, { out: 3 }),
  values: new Map([
    ...encoder.map(([path, data]) => [`backbone.${path}`, data] as const),
    ["classifier.weight", deterministic("weight", 3 * backbone.features)] as const,
    ["classifier.bias", deterministic("bias", 3)] as const,
  ]),
};

it("gives each data set its own outputs, and computes them once", async () => {
  const counted: number[] = [];
  const outputs = outputsOf(network, {
    threads: 1,
    onProgress: (event) => event.type === "features" && counted.push(event.total),
  });
  const [some, others] = [tinyPictures(5), tinyPictures(7)];
  const [first, second] = [await outputs(some), await outputs(others)];
  expect(await outputs(some)).toBe(first);
  expect(counted).toEqual([5, 7]);
  for (const [dataset, own] of [
    [some, first],
    [others, second],
  ] as const)
    expect(own).toEqual(await predictLogits(dataset, { ...network, threads: 1 }));
});
