/**
 * NT-Xent, the DINO loss and cross-entropies against PyTorch (scripts/make_losses.py): values and gradients.
 */
import { describe, expect, test } from "vitest";
import { dinoLoss, nextCentre } from "../../src/losses/dino.ts";
import { ntXent } from "../../src/losses/nt-xent.ts";
import { softCrossEntropy } from "../../src/losses/soft-cross-entropy.ts";
import { softmaxCrossEntropyWithAccuracy } from "../../src/losses/softmax-cross-entropy.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, constant, gradients, input, reshape, split } from "../../src/tensor/index.ts";
import { deterministic } from "../support/deterministic.ts";
import { evaluateLoss, leaf } from "../support/evaluate-loss.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-4;
const fixture = readFixture("losses");

describe("NT-Xent as PyTorch computes it", () => {
  const cases = fixture.endings("nt_xent/").filter((name) => name.endsWith("/loss"));

  test("is stored for two sizes at two temperatures", () => {
    expect(cases).toHaveLength(4);
  });

  test.each(cases.map((name) => name.slice(0, -"/loss".length)))("%s", async (name) => {
    const [, rows, width, temperature] = /^(\d+)x(\d+)_t([\d.]+)$/.exec(name)!.map(Number) as number[];
    const z = input("z", [2 * rows!, width!]);
    const [first, second] = split(z, 0, [rows!, rows!]);
    const loss = ntXent(first!, second!, { temperature: temperature! });
    const program = compile({ loss, gradient: gradients(loss, [z])[0]! });
    const got = await runOnce(program, { z: deterministic(`nt_xent/${name}.input`, z.size) });
    const error = (entry: string, values: unknown) =>
      relativeError(values as Float32Array, fixture.floats(`nt_xent/${name}/${entry}`));
    expect(error("loss", got.loss)).toBeLessThan(TOLERANCE);
    expect(error("grad/input", got.gradient)).toBeLessThan(TOLERANCE);
  });
});

test.each(["int32", "int64"] as const)("cross-entropy of %s labels as PyTorch computes it", async (dtype) => {
  const [B, K] = fixture.shape("cross_entropy/grad/logits") as [number, number];
  const labels = constant(fixture.numbers("cross_entropy/labels"), [B], dtype);
  const leaves = { logits: leaf(deterministic("cross_entropy.logits", B * K, 3), B, K) };
  const got = await evaluateLoss(leaves, ({ logits }) => ({
    ...softmaxCrossEntropyWithAccuracy(logits, labels),
  }));
  for (const entry of ["loss", "accuracy", "grad/logits"] as const)
    expect(relativeError(got[entry], fixture.floats(`cross_entropy/${entry}`)), entry).toBeLessThan(
      TOLERANCE,
    );
});

describe("cross-entropy of soft targets as PyTorch computes it", () => {
  const cases = fixture.endings("soft_cross_entropy/").filter((name) => name.endsWith("/loss"));

  test("is stored for separate and shared targets, at two temperatures", () => {
    expect(cases.map((name) => name.slice(0, -"/loss".length))).toEqual(
      expect.arrayContaining(["own_t0.1", "own_t1", "shared_t0.1", "shared_t1"]),
    );
  });

  test.each(cases.map((name) => name.slice(0, -"/loss".length)))("%s", async (name) => {
    const [form, temperature] = name.split("_t") as [string, string];
    const [N, B, K] = [3, 4, 6];
    const shape = form === "own" ? [N, B, K] : [1, B, K];
    const inputs = `soft_cross_entropy/${name}`;
    const drawn = deterministic(`${inputs}.targets`, shape[0]! * B * K).map((value) => value + 1.2);
    const leaves = { logits: leaf(deterministic(`${inputs}.logits`, N * B * K, 2), N, B, K) };
    const got = await evaluateLoss(leaves, ({ logits }) => ({
      loss: softCrossEntropy(logits, constant(drawn, shape), Number(temperature)),
    }));
    for (const entry of ["loss", "grad/logits"] as const)
      expect(relativeError(got[entry], fixture.floats(`${inputs}/${entry}`)), entry).toBeLessThan(TOLERANCE);
  });
});

describe("the DINO loss as PyTorch computes it", () => {
  const settings = fixture.setting<{
    student_temperature: number;
    centre_momentum: number;
    teacher_temperature: Record<string, number>;
  }>("dino");
  const pictures: Record<string, number> = { multi_crop: 4, multi_crop_warm: 4, two_views: 3 };

  test.each(Object.entries(settings.teacher_temperature))("%s", async (name, teacherTemperature) => {
    const [rows, K] = fixture.shape(`dino/${name}/grad/student`) as [number, number];
    const B = pictures[name]!;
    const [s, t, centre] = [input("s", [rows, K]), input("t", [2 * B, K]), input("c", [K])];
    const teacher = [reshape(t, [2, B, K])];
    const loss = dinoLoss({
      student: [reshape(s, [rows / B, B, K])],
      teacher,
      centre,
      studentTemperature: settings.student_temperature,
      teacherTemperature,
    });
    const next = nextCentre(centre, teacher, settings.centre_momentum);
    const got = await runOnce(compile({ loss, next, gradient: gradients(loss, [s])[0]! }), {
      s: deterministic(`dino/${name}.student`, s.size),
      t: deterministic(`dino/${name}.teacher`, t.size),
      c: deterministic(`dino/${name}.centre`, K, 0.2),
    });
    const error = (entry: string, values: unknown) =>
      relativeError(values as Float32Array, fixture.floats(`dino/${name}/${entry}`));
    expect(error("loss", got.loss)).toBeLessThan(TOLERANCE);
    expect(error("grad/student", got.gradient)).toBeLessThan(TOLERANCE);
    expect(error("next/centre", got.next)).toBeLessThan(TOLERANCE);
  });
});
