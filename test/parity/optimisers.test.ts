/**
 * Ten steps of each optimiser, clipping and the moving average against PyTorch (scripts/make_optimisers.py).
 */
import { describe, expect, test } from "vitest";
import { adamw } from "../../src/optim/adamw.ts";
import { clipEach, clipGlobal } from "../../src/optim/clip.ts";
import { lars } from "../../src/optim/lars.ts";
import { movingAverage } from "../../src/optim/momentum-average.ts";
import { globalNorm, norm } from "../../src/optim/norm.ts";
import type { OptimizerRule } from "../../src/optim/optimizer.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { createSession, runOnce } from "../../src/runtime/session.ts";
import { compile, input, sizeOf } from "../../src/tensor/index.ts";
import { deterministic, deterministicWeight } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";
import { type OptimizedParameter, runOptimizer } from "../support/run-optimizer.ts";

const TOLERANCE = 1e-4;
const fixture = readFixture("optimisers");
const shapes = Object.entries(fixture.setting<Record<string, number[]>>("parameters"));
const scales = fixture.setting<Record<string, number>>("gradient_scale");
const excluded = fixture.setting<string[]>("excluded");

function gradient(kind: string, name: string, shape: readonly number[], step: number): Float32Array {
  return deterministic(`grad.${step}.${name}`, sizeOf(shape), scales[name] ?? scales[kind]!);
}

function parametersOf(kind: string, keepsExcluded: boolean): OptimizedParameter[] {
  return shapes.map(([name, shape]) => ({
    name,
    shape,
    start: name === "zero.weight" ? new Float32Array(sizeOf(shape)) : deterministicWeight(name, shape),
    decays: keepsExcluded || !excluded.includes(name),
    gradient: (step) => gradient(kind, name, shape, step),
  }));
}

interface Case {
  name: string;
  rule: OptimizerRule;
  /** Whether biases and norms are treated like all others. */
  keepsExcluded: boolean;
}

const cases: Case[] = [
  { name: "sgd/plain", rule: sgd({ momentum: 0 }), keepsExcluded: true },
  { name: "sgd/plain_decay", rule: sgd({ momentum: 0 }), keepsExcluded: true },
  { name: "sgd/momentum", rule: sgd(), keepsExcluded: true },
  { name: "sgd/momentum_decay", rule: sgd(), keepsExcluded: true },
  { name: "sgd/nesterov", rule: sgd({ nesterov: true }), keepsExcluded: true },
  { name: "sgd/nesterov_decay", rule: sgd({ nesterov: true }), keepsExcluded: true },
  { name: "adamw/all", rule: adamw(), keepsExcluded: true },
  { name: "adamw/excluded", rule: adamw(), keepsExcluded: false },
  { name: "lars/momentum", rule: lars(), keepsExcluded: false },
  { name: "lars/nesterov", rule: lars({ nesterov: true }), keepsExcluded: false },
  { name: "lars/outside", rule: lars({ rateInMomentum: false }), keepsExcluded: false },
];

describe("ten steps give PyTorch's parameters after each", () => {
  test.each(cases)("$name", async ({ name, rule, keepsExcluded }) => {
    const [kind] = name.split("/");
    const hyper = { rates: fixture.numbers(`${name}/lr`), decays: fixture.numbers(`${name}/weight_decay`) };
    const trace = await runOptimizer(rule, parametersOf(kind!, keepsExcluded), hyper);
    for (const [parameter, shape] of shapes) {
      const expected = fixture.floats(`${name}/${parameter}`);
      const size = sizeOf(shape);
      for (const [step, values] of trace.get(parameter)!.entries())
        expect(relativeError(values, expected.subarray(step * size, (step + 1) * size))).toBeLessThan(
          TOLERANCE,
        );
    }
  });
});

describe("gradient clipping", () => {
  const { limit, gradient_scale: factors } = fixture.setting<{
    limit: number;
    gradient_scale: Record<string, number>;
  }>("clip");
  const feeds = Object.fromEntries(
    shapes.map(([name, shape]) => [
      name,
      gradient("clip", name, shape, 0).map((value) => value * (factors[name] ?? 1)),
    ]),
  );
  const inputs = () => shapes.map(([name, shape]) => input(name, shape));

  test.each([
    { form: "each", clip: clipEach },
    { form: "all", clip: clipGlobal },
  ])("$form", async ({ form, clip }) => {
    const results = clip(inputs(), limit);
    const named = Object.fromEntries(shapes.map(([name], i) => [`clipped ${name}`, results[i]!]));
    const got = await runOnce(compile(named), feeds);
    for (const [name] of shapes) {
      const expected = fixture.floats(`clip/${form}/${name}`);
      expect(relativeError(got[`clipped ${name}`] as Float32Array, expected)).toBeLessThan(TOLERANCE);
    }
  });

  test("the norms, of each and of all", async () => {
    const grads = inputs();
    const outputs = Object.fromEntries(grads.map((grad, i) => [`${i}`, norm(grad)]));
    const got = await runOnce(compile({ ...outputs, total: globalNorm(grads) }), feeds);
    const norms = grads.map((_, i) => got[`${i}`]![0] as number);
    for (const [i, expected] of fixture.numbers("clip/norms").entries())
      expect(relativeError([norms[i]!], [expected])).toBeLessThan(TOLERANCE);
    expect(relativeError(got.total as Float32Array, fixture.floats("clip/total_norm"))).toBeLessThan(
      TOLERANCE,
    );
  });
});

test("ten steps of a teacher's moving average", async () => {
  const shape = [4, 6];
  const next = movingAverage(input("teacher", shape), input("student", shape), input("momentum", []));
  const session = await createSession(compile({ next }), { threads: 1 });
  let teacher = deterministicWeight("fc.weight", shape);
  for (const [step, momentum] of fixture.numbers("ema/momentum").entries()) {
    const student = deterministic(`student.${step}.fc.weight`, 24);
    const got = await session.run({ teacher, student, momentum: Float32Array.of(momentum) });
    teacher = got.next as Float32Array<ArrayBuffer>;
    const expected = fixture.floats("ema/fc.weight").subarray(step * 24, (step + 1) * 24);
    expect(relativeError(teacher, expected)).toBeLessThan(TOLERANCE);
  }
  await session.release();
});
