/** Layers for sequences, and CPC over them, against PyTorch's own. */
import { describe, expect, it } from "vitest";
import { type SequenceEncoderSettings, sequenceEncoder } from "../../src/backbones/index.ts";
import { predictiveCoding } from "../../src/losses/index.ts";
import { attention, conv1d, gru, linear, predictAhead, Scope, Variables } from "../../src/nn/index.ts";
import { runOnce } from "../../src/runtime/session.ts";
import {
  compile,
  constant,
  gradients,
  input,
  mul,
  sizeOf,
  sliceAxis,
  sum,
  type Tensor,
} from "../../src/tensor/index.ts";
import { deterministic, deterministicWeight } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { probeError, relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-5;
const fixture = readFixture("sequences");

interface Built {
  loss: Tensor;
  /** Values that are compared whole, by their names in the fixture. */
  values: Record<string, Tensor>;
}

/**
 * The largest error of values, of the gradients with respect to every parameter, and with respect to the
 * input if the fixture has it.
 */
async function errorOf(name: string, x: Tensor, fed: string, build: (scope: Scope, x: Tensor) => Built) {
  const variables = new Variables();
  const { loss, values } = build(new Scope(variables, "", { training: true, trainable: true }), x);
  const { parameters } = variables;
  const grads = gradients(loss, [x, ...parameters.map(({ value }) => value)]);
  const named = parameters.map(({ path }, i) => [`grad/${path}`, grads[i + 1]!]);
  const outputs = { ...values, "grad/input": grads[0]!, ...Object.fromEntries(named) };
  const weights = parameters.map(({ path, shape }) => [path, deterministicWeight(path, shape)]);
  const results = await runOnce(compile(outputs), {
    x: deterministic(fed, x.size),
    ...Object.fromEntries(weights),
  });
  expect(
    fixture
      .endings(`${name}/grad/`)
      .filter((path) => path !== "input")
      .sort(),
  ).toEqual(parameters.map(({ path }) => path).sort());
  const errors = fixture.endings(`${name}/`).map((entry) => {
    const [got, wanted] = [results[entry] as Float32Array, fixture.floats(`${name}/${entry}`)];
    const isProbe = entry.startsWith("grad/") && entry !== "grad/input";
    return isProbe ? probeError(got, wanted) : relativeError(got, wanted);
  });
  return Math.max(...errors);
}

describe("layers", () => {
  it.each([
    [
      "conv1d",
      [3, 5, 17],
      (scope: Scope, x: Tensor) => conv1d(scope, x, { out: 7, kernel: 4, stride: 3, padding: 2 }),
    ],
    ["gru", [3, 8, 6], (scope: Scope, x: Tensor) => gru(scope, x, { width: 9 })],
    [
      "causal_attention",
      [3, 7, 12],
      (scope: Scope, x: Tensor) => attention(scope, x, 3, { causal: true }).tokens,
    ],
  ] as const)("%s has PyTorch's output and gradients", async (name, shape, layer) => {
    const error = await errorOf(name, input("x", shape), `${name}.input`, (scope, x) => {
      const out = layer(scope, x);
      const weights = deterministic(`${name}.R`, sizeOf(out.shape));
      return { loss: sum(mul(out, constant(weights, out.shape))), values: { out } };
    });
    expect(error).toBeLessThan(TOLERANCE);
  });
});

describe("CPC on sequences", () => {
  it.each<Pick<SequenceEncoderSettings, "context" | "contextWidth">>([
    { context: "gru", contextWidth: 9 },
    { context: "attention", contextWidth: 12 },
  ])("has PyTorch's loss and gradients with $context as its context", async (context) => {
    const layers = [
      { out: 8, kernel: 4, stride: 2 },
      { out: 10, kernel: 3, stride: 1 },
    ];
    const encoder = sequenceEncoder({ layers, ...context, depth: 2, heads: 3 });
    const error = await errorOf(`cpc/${context.context}`, input("x", [3, 2, 24]), "cpc.input", (scope, x) => {
      const { latents, contexts } = encoder.build(scope, x);
      const loss = predictiveCoding({
        targets: linear(scope.at("target"), latents, { out: 6, bias: false }),
        predictions: predictAhead(scope.at("predictor"), contexts, { distances: [1, 3], out: 6 }),
        temperature: 0.5,
      });
      return { loss, values: { loss, latents, contexts } };
    });
    expect(error).toBeLessThan(TOLERANCE);
  });
});

describe("contexts of sequences", () => {
  it.each(["gru", "attention"] as const)("do not depend on later samples, with %s", async (context) => {
    const layers = [{ out: 4, kernel: 2, stride: 2 }];
    const encoder = sequenceEncoder({ layers, context, contextWidth: 8 });
    const variables = new Variables();
    const x = input("x", [1, 1, 12]);
    const { contexts } = encoder.build(new Scope(variables, "", { training: true, trainable: true }), x);
    const [by] = gradients(sum(sliceAxis(contexts, 1, 3, 4)), [x]); // for the fourth place: samples 0 to 7
    const weights = variables.all.map(({ path, shape }) => [path, deterministicWeight(path, shape)]);
    const fed = { x: deterministic("x", 12), ...Object.fromEntries(weights) };
    const results = await runOnce(compile({ by: by! }), fed);
    const moves = Array.from(results.by as Float32Array, (value) => value !== 0);
    expect(moves.lastIndexOf(true)).toBe(7);
    expect(moves.filter(Boolean).length).toBeGreaterThan(3);
  });
});
