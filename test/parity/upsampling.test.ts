/**
 * Upsampling, and convolutions with all their options, as PyTorch computes them (scripts/make_upsampling.py).
 */
import { describe, expect, test } from "vitest";
import {
  type Conv1dOptions,
  type ConvOptions,
  conv,
  conv1d,
  Scope,
  type TransposedConv1dOptions,
  type TransposedConvOptions,
  transposedConv,
  transposedConv1d,
  upsamplingBilinear2d,
  upsamplingNearest2d,
  Variables,
} from "../../src/nn/index.ts";
import { runOnce } from "../../src/runtime/session.ts";
import {
  compile,
  gradients,
  type InterpolateOptions,
  input,
  interpolate,
  maxPoolWithIndices,
  maxUnpool,
  mul,
  type PoolOptions,
  sizeOf,
  sum,
  type Tensor,
} from "../../src/tensor/index.ts";
import { deterministic } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-5;
const fixture = readFixture("upsampling");

/** Runs the case, and compares its value and the gradients of Σ y·R with the fixture's. */
async function check(name: string, y: Tensor, leaves: Readonly<Record<string, Tensor>>): Promise<void> {
  const loss = sum(mul(y, input("R", y.shape)));
  const grads = gradients(loss, Object.values(leaves));
  const outputs = Object.fromEntries(Object.keys(leaves).map((leaf, i) => [`grad/${leaf}`, grads[i]!]));
  const hash: Record<string, string> = { x: "input" };
  const feeds = Object.entries(leaves).map(([leaf, { size }]) => [
    leaf,
    deterministic(`${name}.${hash[leaf] ?? leaf}`, size),
  ]);
  const results = await runOnce(compile({ y, ...outputs }), {
    R: deterministic(`${name}.R`, y.size),
    ...Object.fromEntries(feeds),
  });
  expect(y.shape).toEqual(fixture.shape(`${name}/y`));
  for (const [output, values] of Object.entries(results))
    expect(
      relativeError(values as Float32Array, fixture.floats(`${name}/${output}`)),
      `${name}/${output}`,
    ).toBeLessThan(TOLERANCE);
}

interface Interpolation {
  shape: number[];
  options: InterpolateOptions;
}

describe("interpolate", () => {
  const cases = Object.entries(fixture.setting<Record<string, Interpolation>>("interpolate"));

  test.each(cases.map(([name, { options }]) => [JSON.stringify(options), name] as const))(
    "is PyTorch's, in value and gradient, for %s (%s)",
    async (_, name) => {
      const { shape, options } = Object.fromEntries(cases)[name]!;
      const x = input("x", shape);
      await check(name, interpolate(x, options), { x });
    },
  );

  test("has the two modules' names, the second with aligned corners", async () => {
    for (const [name, { shape, options }] of cases) {
      const { mode, alignCorners, antialias, recomputeScaleFactor, ...places } = options;
      if (shape.length !== 4 || antialias || recomputeScaleFactor) continue;
      const x = input("x", shape);
      if (mode === "nearest") await check(name, upsamplingNearest2d(x, places), { x });
      if (mode === "bilinear" && alignCorners) await check(name, upsamplingBilinear2d(x, places), { x });
    }
  });
});

interface Convolution {
  layer: "conv1d" | "conv2d" | "conv_transpose1d" | "conv_transpose2d";
  shape: number[];
  options: Conv1dOptions & ConvOptions & TransposedConv1dOptions & TransposedConvOptions;
}

const LAYERS = {
  conv1d,
  conv2d: (scope: Scope, x: Tensor, options: ConvOptions) => conv(scope, x, { ...options, bias: true }),
  conv_transpose1d: transposedConv1d,
  conv_transpose2d: transposedConv,
};

const convolutions = Object.entries(fixture.setting<Record<string, Convolution>>("convolution"));

test.each(convolutions)("%s is PyTorch's, in value and gradients", async (name, entry) => {
  const variables = new Variables();
  const x = input("x", entry.shape);
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const y = LAYERS[entry.layer](scope, x, entry.options);
  const leaves = Object.fromEntries(variables.parameters.map(({ path, value }) => [path, value]));
  await check(name, y, { x, ...leaves });
});

interface Unpooling {
  shape: number[];
  options: PoolOptions;
  size?: readonly [number, number];
}

const unpoolings = Object.entries(fixture.setting<Record<string, Unpooling>>("unpool"));

test.each(unpoolings)("%s is PyTorch's, and so are the places of the maxima", async (name, entry) => {
  const { shape, options, size } = entry;
  const x = input("x", shape);
  const { values, indices } = maxPoolWithIndices(x, options);
  await check(name, maxUnpool(mul(values, 2), indices, { ...options, ...(size && { size }) }), { x });
  const pooled = await runOnce(compile({ values, indices }), {
    x: deterministic(`${name}.input`, sizeOf(shape)),
  });
  expect(Array.from(pooled.indices as BigInt64Array, Number)).toEqual(fixture.numbers(`${name}/indices`));
  expect(relativeError(pooled.values as Float32Array, fixture.floats(`${name}/values`))).toBeLessThan(1e-6);
});
