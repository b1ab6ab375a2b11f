/**
 * Graphs for providers with gaps in their kernels give the results of ordinary graphs. Every graph is
 * compiled both ways and run on the CPU. The graph for the gaps contains nothing that falls into them.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { OnnxModel, OnnxNode } from "../src/onnx/model.ts";
import { dialectOf } from "../src/runtime/dialect.ts";
import { runOnce } from "../src/runtime/session.ts";
import * as t from "../src/tensor/index.ts";
import { deterministic } from "./support/deterministic.ts";
import { relativeError } from "./support/probe.ts";

type Build = (x: t.Tensor) => Readonly<Record<string, t.Tensor>>;

/**
 * Compiles without gaps and with the gaps of WebGPU's kernels, compares all outputs, and returns the model of
 * the latter.
 */
async function compare(shape: readonly number[], build: Build, data?: Float32Array): Promise<OnnxModel> {
  const outputs = build(t.input("x", shape));
  const feeds = { x: data ?? deterministic("x", t.sizeOf(shape)) };
  const { gaps } = await dialectOf({ provider: "webgpu" });
  expect(gaps.length).toBeGreaterThan(0);
  const filled = t.compile(outputs, { gaps });
  const got = await runOnce(filled, feeds, { threads: 1 });
  const expected = await runOnce(t.compile(outputs), feeds, { threads: 1 });
  for (const name of Object.keys(outputs))
    expect(relativeError(got[name] as Float32Array, expected[name] as Float32Array), name).toBeLessThan(1e-6);
  return filled.model;
}

const nodesOf = ({ nodes }: OnnxModel, operator: string) =>
  nodes.filter((node) => node.operator === operator);
const between = (min: number, max: number) => fc.integer({ min, max });
const forAll = <T>(cases: fc.Arbitrary<T>, check: (value: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(cases, check), { seed: 5, numRuns: 40 });

it("a split into many parts goes in stages of at most 7", async () => {
  await forAll(fc.array(between(1, 3), { minLength: 2, maxLength: 60 }), async (sizes) => {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const model = await compare([2, total], (x) =>
      Object.fromEntries(t.split(x, 1, sizes).map((part, i) => [`y${i}`, t.neg(part)])),
    );
    const widest = Math.max(...nodesOf(model, "Split").map(({ outputs }) => outputs.length));
    expect(widest).toBeLessThanOrEqual(7);
  });
});

/** Filters of a group, according to the graph's constants. */
function filtersOf(model: OnnxModel, { inputs, attributes }: OnnxNode): number {
  const total = model.initializers.find(({ name }) => name === inputs[1])!.shape[0]!;
  return total / (attributes.group as { int: number }).int;
}

it("a convolution in groups has at most 4 filters in a group, or a multiple of 4", async () => {
  const geometry = fc.record({
    groups: between(1, 4),
    channels: between(1, 3),
    filters: between(1, 13),
    stride: between(1, 2),
    padding: between(0, 1),
    kernel: between(1, 3),
    withBias: fc.boolean(),
  });
  await forAll(geometry, async ({ groups, channels, filters, kernel, withBias, ...options }) => {
    const total = groups * filters;
    const w = t.constant(deterministic("w", total * channels * kernel ** 2), [
      total,
      channels,
      kernel,
      kernel,
    ]);
    const bias = withBias ? t.constant(deterministic("b", total), [total]) : undefined;
    const model = await compare([2, groups * channels, 5, 4], (x) => ({
      y: t.convolution(x, w, { groups, ...options }, bias),
    }));
    if (groups === 1) return;
    const [conv] = nodesOf(model, "Conv");
    const padded = nodesOf(model, "Pad").length > 0; // then the filters are no constant
    expect(padded).toBe(filters > 4 && filters % 4 !== 0);
    if (!padded) expect(filtersOf(model, conv!)).toBe(filters);
  });
});

it("a max pool needs no places, and the first of equal maxima gets the gradient", async () => {
  const geometry = fc.record({
    kernel: fc.tuple(between(1, 3), between(1, 3)),
    stride: fc.tuple(between(1, 3), between(1, 3)),
    wide: between(0, 1),
    extra: fc.tuple(between(0, 4), between(0, 4)),
    // Few different numbers give many windows with several maxima.
    data: fc.array(between(-2, 2), { minLength: 6 * 49, maxLength: 6 * 49 }),
  });
  await forAll(geometry, async ({ kernel, stride, wide, extra, data }) => {
    const padding = kernel.map((size) => wide * Math.floor(size / 2)) as [number, number];
    const shape = [2, 3, kernel[0] + extra[0], kernel[1] + extra[1]];
    const model = await compare(
      shape,
      (x) => {
        const y = t.maxPool(x, { kernel, stride, padding });
        const weights = t.constant(deterministic("g", y.size), y.shape);
        const [dx] = t.gradients(t.sum(t.mul(y, weights)), [x]);
        return { y, dx: dx! };
      },
      Float32Array.from(data.slice(0, t.sizeOf(shape))),
    );
    expect(nodesOf(model, "MaxPool")).toEqual([]);
  });
});
