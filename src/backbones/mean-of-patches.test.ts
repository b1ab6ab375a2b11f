import { expect, it } from "vitest";
import { deterministic, deterministicWeight } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import type { Backbone } from "./backbone.ts";
import { meanOfPatches } from "./mean-of-patches.ts";
import { vit } from "./vit.ts";

const SETTINGS = { imageSize: 8, patch: 4, width: 12, depth: 1, heads: 3, dropPath: 0 };

async function outputOf(backbone: Backbone): Promise<Record<"features" | "tokens", Float32Array>> {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: false, trainable: false });
  const { features, tokens } = backbone.build(scope, input("x", [1, 3, 8, 8]));
  const weights = variables.all.map(({ path, shape }) => [path, deterministicWeight(path, shape)]);
  const feeds = { x: deterministic("mean-of-patches", 192), ...Object.fromEntries(weights) };
  return (await runOnce(compile({ features, tokens: tokens! }), feeds)) as never;
}

/** The mean of 12-wide rows. */
function meanOf(rows: Float32Array): number[] {
  return Array.from({ length: 12 }, (_, d) => {
    const column = rows.filter((_, i) => i % 12 === d);
    return column.reduce((a, b) => a + b) / column.length;
  });
}

it("a feature may be the class token or the mean of the patches behind it", async () => {
  const backbone = vit("vit_tiny_patch4", SETTINGS);
  const [own, mean] = [await outputOf(backbone), await outputOf(meanOfPatches(backbone))];
  expect(own.tokens.length).toBe(5 * 12);
  expect(own.features).toEqual(own.tokens.slice(0, 12));
  expect(relativeError(mean.features, meanOf(own.tokens.slice(12)))).toBeLessThan(1e-6);
});

it("without a class token it is the mean of all tokens", async () => {
  const { features, tokens } = await outputOf(vit("vit_tiny_patch4", { ...SETTINGS, classToken: false }));
  expect(tokens.length).toBe(4 * 12);
  expect(relativeError(features, meanOf(tokens))).toBeLessThan(1e-6);
});
