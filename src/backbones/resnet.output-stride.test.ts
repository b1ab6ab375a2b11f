import { describe, expect, test } from "vitest";
import { deterministic, deterministicWeight } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input, shapeOf, slice } from "../tensor/index.ts";
import type { Backbone } from "./backbone.ts";
import { createBackbone, withOutputStride } from "./index.ts";

/** Sizes that no stride divides. */
const [HEIGHT, WIDTH] = [75, 53];

/** The map of deterministic weights, every `every`-th cell of it. */
async function mapOf(backbone: Backbone, every: number) {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: false, trainable: true });
  const map = backbone.build(scope, input("x", [1, 3, HEIGHT, WIDTH])).map!;
  const [b, c, h, w] = shapeOf(map, 4, "test");
  const cells = slice(map, [0, 0, 0, 0], [b, c, h, w], [1, 1, every, every]);
  const weights = variables.all.map(({ path, shape }) => [path, deterministicWeight(path, shape)]);
  const { y } = await runOnce(compile({ y: cells }), {
    x: deterministic("x", 3 * HEIGHT * WIDTH),
    ...Object.fromEntries(weights),
  });
  return { y: y as Float32Array, size: [h, w], paths: variables.all.map(({ path }) => path) };
}

describe.each(["resnet18", "resnet50"])("%s", (name) => {
  test.each([
    ["imagenet", 32, 16],
    ["imagenet", 32, 8],
    ["imagenet", 32, 4],
    ["cifar", 8, 4],
    ["cifar", 8, 1],
  ] as const)("with the stem %s keeps its cells at stride %i at stride %i", async (stem, full, stride) => {
    const backbone = createBackbone(name, { imageSize: 64, widthMultiplier: 1 / 16, stem });
    const strided = await mapOf(backbone, 1);
    const dilated = await mapOf(withOutputStride(backbone, stride), full / stride);
    expect(dilated.size).toEqual([HEIGHT, WIDTH].map((side) => Math.ceil(side / stride)));
    expect(dilated.paths).toEqual(strided.paths);
    expect(relativeError(dilated.y, strided.y)).toBeLessThan(1e-5);
  });
});

test("withOutputStride refuses what no ResNet of this stem has, and transformers", () => {
  const backbone = createBackbone("resnet18", { imageSize: 64, widthMultiplier: 1 / 16, stem: "imagenet" });
  expect(() => withOutputStride(backbone, 2)).toThrow(/one of 32, 16, 8, 4; got 2/);
  expect(() => withOutputStride(backbone, 7)).toThrow(/cannot have these settings/);
  const vit = createBackbone("vit_tiny", { imageSize: 32 });
  expect(() => withOutputStride(vit, 8)).toThrow(/vit_tiny\S* has no such option \(`outputStride`\)/);
});
