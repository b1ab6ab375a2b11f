import { describe, expect, test } from "vitest";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { input } from "../tensor/index.ts";
import type { Backbone } from "./backbone.ts";
import { createBackbone } from "./index.ts";
import { layerOf, layerRates } from "./layer-rates.ts";

/**
 * `group_matcher` of timm's networks: a regular expression for each kind of layer; the norm joins the block
 * before it.
 */
const MATCHERS = {
  vit: { stem: /^(cls_token|pos_embed|patch_embed)/, blocks: /^blocks\.(\d+)/, previous: /^norm/ },
  resnet: { stem: /^(conv1|bn1|maxpool)/, blocks: /^layer(\d+)\.(\d+)/, previous: null },
};

/**
 * `group_parameters` and `param_groups_layer_decay` of timm, written plainly: what matches nothing is the
 * last group.
 */
function timmScales(
  family: keyof typeof MATCHERS,
  paths: readonly string[],
  decay: number,
): Map<string, number> {
  const { stem, blocks, previous } = MATCHERS[family as keyof typeof MATCHERS];
  const ordinalOf = (path: string): readonly number[] => {
    if (stem.test(path)) return [0];
    const block = blocks.exec(path);
    if (block !== null) return [1, ...block.slice(1).map(Number)];
    return previous?.test(path) ? [1, 99_999] : [Number.POSITIVE_INFINITY];
  };
  const compare = (a: readonly number[], b: readonly number[]) => {
    const at = a.findIndex((value, i) => value !== b[i]);
    return at < 0 ? a.length - b.length : b[at] === undefined ? 1 : a[at]! - b[at]!;
  };
  const ordinals = [...new Set(paths.map((path) => ordinalOf(path).join()))].map((text) =>
    text.split(",").map(Number),
  );
  let layer = -1;
  const layers = new Map<string, number>();
  for (const ordinal of ordinals.sort(compare)) {
    if (layer < 0 || ordinal.at(-1) !== 99_999) layer++;
    layers.set(ordinal.join(), layer);
  }
  return new Map(paths.map((path) => [path, decay ** (layer - layers.get(ordinalOf(path).join())!)]));
}

function pathsOf(backbone: Backbone): string[] {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: false, trainable: true });
  backbone.build(scope, input("pictures", [1, 3, 32, 32]));
  return variables.parameters.map(({ path }) => path);
}

describe("rates by layer", () => {
  test.each([
    ["vit_tiny", "head"],
    ["vit_base", "head"],
    ["resnet18", "fc"],
    ["resnet50", "fc"],
  ])("of %s are timm's", (name, head) => {
    const backbone = createBackbone(name, { imageSize: 32 });
    const paths = pathsOf(backbone);
    const family = backbone.family as keyof typeof MATCHERS;
    const scales = timmScales(family, [...paths, `${head}.weight`, `${head}.bias`], 0.65);
    const rateOf = layerRates(backbone, 0.65);
    for (const path of paths) expect(rateOf(path), path).toBeCloseTo(scales.get(path)!, 14);
    expect(scales.get(`${head}.weight`)).toBe(1);
    expect(new Set(paths.map(rateOf)).size).toBe(new Set(scales.values()).size - 1);
  });

  test("have MAE's published numbers for ViT-Base: 0.65^13 for the first layer, 0.65 for the last block", () => {
    const backbone = createBackbone("vit_base", { imageSize: 32 });
    const rateOf = layerRates(backbone, 0.65);
    expect(rateOf("patch_embed.proj.weight")).toBeCloseTo(0.65 ** 13, 14);
    expect(rateOf("pos_embed")).toBeCloseTo(0.65 ** 13, 14);
    expect(rateOf("blocks.1.norm1.weight")).toBeCloseTo(0.65 ** 11, 14);
    expect(rateOf("blocks.10.norm1.weight")).toBeCloseTo(0.65 ** 2, 14);
    expect(rateOf("blocks.11.mlp.fc2.bias")).toBe(0.65);
    expect([layerOf(backbone, "norm.weight"), layerOf(backbone, "cls_token")]).toEqual([12, 0]);
  });

  test("are all 1 without decay, and need a decay in range and a backbone with layers", () => {
    const backbone = createBackbone("resnet18", { imageSize: 32 });
    expect(
      pathsOf(backbone)
        .map(layerRates(backbone, 1))
        .every((rate) => rate === 1),
    ).toBe(true);
    expect(() => layerRates(backbone, 0)).toThrow("above 0, 1 or less; got 0");
    expect(() => layerRates({ name: "own" }, 0.5)).toThrow("got own");
  });
});
