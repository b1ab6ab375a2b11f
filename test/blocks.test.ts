/**
 * Pictures in blocks of channels give the results of plain pictures. Every graph is compiled both ways and
 * run on the same numbers. The tests are skipped if the provider has no blocks; the block size is the
 * machine's.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dialectOf } from "../src/runtime/dialect.ts";
import { runOnce } from "../src/runtime/session.ts";
import * as t from "../src/tensor/index.ts";
import { deterministic } from "./support/deterministic.ts";
import { relativeError } from "./support/probe.ts";

const { blockSize: n } = await dialectOf();

type Inputs = Readonly<Record<string, readonly number[]>>;
type Build = (inputs: Readonly<Record<string, t.Tensor>>) => Readonly<Record<string, t.Tensor>>;

/** Compiles both ways, compares all outputs, and returns the operators of the graph in blocks. */
async function compare(shapes: Inputs, build: Build, tolerance = 2e-5): Promise<string[]> {
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, t.input(name, shape)]),
  );
  const outputs = build(inputs);
  const feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, deterministic(name, t.sizeOf(shape))]),
  );
  const blocked = t.compile(outputs, { contrib: true, blockSize: n });
  const got = await runOnce(blocked, feeds, { threads: 2 });
  const expected = await runOnce(t.compile(outputs, { contrib: true }), feeds, { threads: 2 });
  for (const name of Object.keys(outputs)) {
    const error = relativeError(got[name] as Float32Array, expected[name] as Float32Array);
    expect(error, name).toBeLessThan(tolerance);
  }
  return blocked.model.nodes.map(({ domain, operator }) =>
    domain.endsWith("nchwc") ? `block ${operator}` : operator,
  );
}

const pair = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })) as fc.Arbitrary<[number, number]>;

/** A convolution, and the gradients of both its inputs for a given gradient of its output. */
function differentiated(options: t.ConvolutionOptions): Build {
  return ({ x, w, g }) => {
    const y = t.convolution(x!, w!, options);
    const [dx, dw] = t.gradients(t.sum(t.mul(y, t.reshape(g!, y.shape))), [x!, w!]);
    return { y, dx: dx!, dw: dw! };
  };
}

describe.skipIf(n === 0)("a convolution in blocks", () => {
  it("and both its gradients equal the plain ones, for any geometry", async () => {
    const geometry = fc.record({
      kernel: pair(1, 4),
      stride: pair(1, 3),
      dilation: pair(1, 2),
      padding: pair(0, 2),
      extra: pair(0, 5),
      batch: fc.constantFrom(1, 3, n, 2 * n),
      channels: fc.constantFrom(1, 3, n, 2 * n, n + 1),
      filters: fc.constantFrom(n, 2 * n, n - 1),
    });
    const property = fc.asyncProperty(
      geometry,
      async ({ kernel, extra, batch, channels, filters, ...options }) => {
        const { stride, dilation, padding } = options;
        const reach = [0, 1].map((i) => dilation[i]! * (kernel[i]! - 1) + 1);
        const size = [0, 1].map((i) => Math.max(1, reach[i]! - 2 * padding[i]!) + extra[i]!);
        const out = [0, 1].map((i) => Math.floor((size[i]! + 2 * padding[i]! - reach[i]!) / stride[i]!) + 1);
        const shapes = {
          x: [batch, channels, ...size],
          w: [filters, channels, ...kernel],
          g: [batch, filters, ...out],
        };
        await compare(shapes, differentiated(options));
      },
    );
    await fc.assert(property, { seed: 7, numRuns: 60 });
  });

  it.each<[string, Inputs, t.ConvolutionOptions]>([
    ["of a ResNet", { x: [n, n, 8, 8], w: [n, n, 3, 3], g: [n, n, 8, 8] }, { padding: 1 }],
    [
      "with a stride",
      { x: [n, n, 8, 8], w: [2 * n, n, 3, 3], g: [n, 2 * n, 4, 4] },
      { padding: 1, stride: 2 },
    ],
    ["of a stem", { x: [n, 3, 16, 16], w: [n, 3, 7, 7], g: [n, n, 8, 8] }, { padding: 3, stride: 2 }],
  ])("%s gathers no windows", async (_, shapes, options) => {
    const build = differentiated(options);
    const operators = await compare(shapes, (inputs) => {
      const { y, dw, dx } = build(inputs);
      return shapes.x![1] === 3 ? { y: y!, dw: dw! } : { y: y!, dw: dw!, dx: dx! };
    });
    expect(operators).toContain("block Conv");
    expect(operators.filter((name) => ["Conv", "ConvTranspose", "Gemm"].includes(name))).toEqual([]);
  });

  it("takes a bias", async () => {
    const shapes = { x: [2, n, 5, 4], w: [n, n, 3, 3], bias: [n] };
    await compare(shapes, ({ x, w, bias }) => ({ y: t.convolution(x!, w!, { padding: 1 }, bias) }));
  });
});

describe.skipIf(n === 0)("a block of a residual network", () => {
  const shapes = { x: [n, n, 6, 6], w1: [n, n, 3, 3], w2: [n, n, 3, 3], scale: [n], bias: [n] };
  const build: Build = ({ x, w1, w2, scale, bias }) => {
    const first = t.batchNorm(t.convolution(x!, w1!, { padding: 1 }), scale!, bias!);
    const second = t.batchNorm(t.convolution(t.relu(first.y), w2!, { padding: 1 }), scale!, bias!);
    const y = t.relu(t.add(second.y, x!));
    const features = t.mean(y, [2, 3]);
    const grads = t.gradients(t.sum(t.mul(features, features)), [x!, w1!, w2!, scale!, bias!]);
    const named = Object.fromEntries(
      ["dx", "dw1", "dw2", "dscale", "dbias"].map((name, i) => [name, grads[i]!]),
    );
    return { features, mean: second.mean, variance: second.variance, ...named };
  };

  it("gives the same features, statistics and gradients", async () => {
    await compare(shapes, build, 1e-4);
  });

  it("adds and applies ReLU in the passes of convolutions and norms, and reorders pictures only at the entrance", async () => {
    const operators = await compare(shapes, build, 1e-4);
    const count = (name: string) => operators.filter((operator) => operator === name).length;
    expect(count("Relu")).toBe(0);
    expect(count("block Conv")).toBeGreaterThan(10);
  });

  it("keeps a value that is also used outside the pass it could be part of", async () => {
    await compare(shapes, ({ x, w1, scale, bias }) => {
      const y = t.channelAffine(t.convolution(x!, w1!, { padding: 1 }), scale!, bias!);
      return { y, cut: t.relu(y), more: t.relu(t.add(y, x!)), twice: t.add(y, y) };
    });
  });
});

describe.skipIf(n === 0)("operators on pictures in blocks", () => {
  it.each<[string, readonly number[]]>([
    ["one number", []],
    ["a number for each channel", [n, 1, 1]],
    ["a number for each picture", [2, 1, 1, 1]],
    ["a number for each channel of each picture", [2, n, 1, 1]],
    ["a map for all channels", [2, 1, 3, 4]],
    ["a map for each channel", [1, n, 3, 4]],
    ["a row", [4]],
  ])("broadcast %s", async (_, shape) => {
    await compare({ x: [2, n, 3, 4], w: [n, n, 1, 1], z: shape }, ({ x, w, z }) => {
      const y = t.convolution(x!, w!);
      return { sum: t.add(y, z!), product: t.mul(z!, y), chosen: t.where(t.greater(y, 0), y, z!) };
    });
  });

  it("are reduced over any axes", async () => {
    await compare({ x: [3, n, 3, 4], w: [n, n, 1, 1] }, ({ x, w }) => {
      const y = t.convolution(x!, w!);
      const axes = [[2, 3], [0, 2, 3], [1], [0], [2], [0, 1, 2, 3]];
      const entries = axes.flatMap((a) => [
        [`sum ${a}`, t.sum(y, a)],
        [`mean ${a}`, t.mean(y, a, true)],
      ]);
      return Object.fromEntries(entries);
    });
  });

  it("give the dot product and the moments of channels", async () => {
    await compare({ x: [3, n, 3, 4], w: [n, n, 1, 1] }, ({ x, w }) => {
      const y = t.convolution(x!, w!);
      const { mean, variance } = t.channelMoments(y);
      return { mean, variance, dot: t.channelDot(y, x!) };
    });
  });
});

it.skipIf(n > 0)("this machine's provider has no blocks: nothing to compare", () => {
  expect(n).toBe(0);
});
