import { expect, it } from "vitest";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { randomStream } from "../random/index.ts";
import { input } from "../tensor/index.ts";
import { createBackbone } from "./index.ts";
import { vit } from "./vit.ts";
import type { VitSettings } from "./vit-settings.ts";

const [D, PATCH, CHANNELS] = [96, 8, 3];
const FAN_IN = CHANNELS * PATCH ** 2;

function valuesWith(init: Partial<Pick<VitSettings, "init">>) {
  const settings = { imageSize: 32, patch: PATCH, width: D, depth: 2, heads: 3, dropPath: 0, ...init };
  const variables = new Variables();
  const scope = new Scope(variables, "backbone", { training: false, trainable: true });
  vit("vit", settings).build(scope, input("pictures", [1, 3, 32, 32]));
  return (name: string) => {
    const { path, shape, initial } = variables.all.find(({ path }) => path === `backbone.${name}`)!;
    return initial(shape, randomStream(3, `init/${path}`, 0, 0));
  };
}

const largest = (values: Float32Array) => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const deviation = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

/** Of a uniform distribution: all values within the bound, and the largest of thousands next to it. */
function expectUniform(values: Float32Array, bound: number) {
  expect(largest(values)).toBeLessThanOrEqual(Math.fround(bound));
  expect(largest(values)).toBeGreaterThan(0.97 * bound);
  expect(deviation(values)).toBeCloseTo(bound / Math.sqrt(3), 2);
}

it("gives MAE's transformer Xavier's bounds, q, k and v as one matrix", () => {
  const value = valuesWith({ init: "mae" });
  expectUniform(value("blocks.1.attn.qkv.weight"), Math.sqrt(6 / (D + 3 * D)));
  expectUniform(value("blocks.1.attn.proj.weight"), Math.sqrt(6 / (D + D)));
  expectUniform(value("blocks.1.mlp.fc1.weight"), Math.sqrt(6 / (D + 4 * D)));
  expectUniform(value("patch_embed.proj.weight"), Math.sqrt(6 / (FAN_IN + D)));
  expect(deviation(value("cls_token"))).toBeCloseTo(0.02, 2);
});

it("gives MoCo v3's the same with q, k and v apart, no bias of patches and hardly a class token", () => {
  const value = valuesWith({ init: "moco" });
  expectUniform(value("blocks.0.attn.qkv.weight"), Math.sqrt(6 / (D + D)));
  expectUniform(value("blocks.0.mlp.fc2.weight"), Math.sqrt(6 / (D + 4 * D)));
  expectUniform(value("patch_embed.proj.weight"), Math.sqrt(6 / (FAN_IN + D)));
  expect(largest(value("patch_embed.proj.bias"))).toBe(0);
  expect(largest(value("cls_token"))).toBeLessThan(1e-5);
});

it("cuts SimMIM's off at one deviation and divides what a block adds by √(2·place)", () => {
  const value = valuesWith({ init: "simmim" });
  // Of N(0, 1) within ±1 the deviation is .5396.
  expect(largest(value("blocks.1.attn.qkv.weight"))).toBeLessThanOrEqual(Math.fround(0.02));
  expect(deviation(value("blocks.1.attn.qkv.weight"))).toBeCloseTo(0.02 * 0.5396, 4);
  for (const [index, path] of ["attn.proj", "mlp.fc2"].flatMap((p) => [0, 1].map((i) => [i, p] as const))) {
    const values = value(`blocks.${index}.${path}.weight`);
    expect(deviation(values)).toBeCloseTo((0.02 * 0.5396) / Math.sqrt(2 * (index + 1)), 4);
  }
  expect(largest(value("patch_embed.proj.bias"))).toBe(0);
});

it("begins as timm's where nothing is said", () => {
  const value = valuesWith({});
  expect(deviation(value("blocks.0.attn.proj.weight"))).toBeCloseTo(0.02, 3);
  expect(largest(value("blocks.0.attn.proj.weight"))).toBeGreaterThan(0.05);
  expectUniform(value("patch_embed.proj.weight"), 1 / Math.sqrt(FAN_IN));
});

it("is MAE's for the narrowest of the list, and timm's for wider ones", () => {
  const inits = ["vit_tiny", "vit_small", "vit_base"].map(
    (name) => createBackbone(name, { imageSize: 32 }).settings.init,
  );
  expect(inits).toEqual(["mae", undefined, undefined]);
});
