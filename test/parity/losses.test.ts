/**
 * NT-Xent, the DINO loss and the losses of labels against PyTorch (scripts/make_losses.py): values and
 * gradients.
 */
import { describe, expect, test } from "vitest";
import { binaryCrossEntropy } from "../../src/losses/binary-cross-entropy.ts";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { dinoLoss, nextCentre } from "../../src/losses/dino.ts";
import { distillation } from "../../src/losses/distillation.ts";
import { ntXent } from "../../src/losses/nt-xent.ts";
import { softCrossEntropy } from "../../src/losses/soft-cross-entropy.ts";
import { softmaxCrossEntropyWithAccuracy } from "../../src/losses/softmax-cross-entropy.ts";
import { squaredError } from "../../src/losses/squared-error.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, constant, gradients, input, reshape, split, type Tensor } from "../../src/tensor/index.ts";
import { deterministic } from "../support/deterministic.ts";
import { evaluateLoss, type Leaf, leaf } from "../support/evaluate-loss.ts";
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

describe("the losses of labels as PyTorch and timm compute them", () => {
  const OPTIONS = fixture.setting<Record<string, { smoothing: number; weights?: true }>>("label_options");
  const WEIGHTS = fixture.setting<{ classes: number[]; positives: number[] }>("label_weights");

  /** A leaf with the values of its name. */
  const drawn = (name: string, scale: number, shape: readonly number[]): Leaf =>
    leaf(
      deterministic(
        name,
        shape.reduce((a, b) => a * b),
        scale,
      ),
      ...shape,
    );

  async function check<Name extends string>(
    name: string,
    leaves: Record<Name, Leaf>,
    loss: (tensors: Record<Name, Tensor>) => Tensor,
  ): Promise<void> {
    const got = await evaluateLoss(leaves, (tensors) => ({ loss: loss(tensors) }));
    const entries = fixture.endings(`${name}/`).filter((entry) => /^(?:loss$|grad\/)/.test(entry));
    expect(entries.length).toBeGreaterThan(1);
    for (const entry of entries as (keyof typeof got)[])
      expect(relativeError(got[entry], fixture.floats(`${name}/${entry}`)), entry).toBeLessThan(TOLERANCE);
  }

  test("are stored plain, smoothed, weighted and both", () => {
    expect(Object.keys(OPTIONS)).toEqual(["plain", "smooth", "weighted", "both"]);
    expect(OPTIONS.both).toEqual({ smoothing: 0.3, weights: true });
  });

  test.each(
    Object.entries(OPTIONS).flatMap(([name, options]) => [
      ["labels", name, options] as const,
      ["soft", name, options] as const,
    ]),
  )("cross-entropy of %s targets, %s", async (kind, option, { smoothing, weights }) => {
    const name = `label_cross_entropy/${kind}_${option}`;
    const targets = constant(
      fixture.numbers(`${name}/targets`),
      fixture.shape(`${name}/targets`),
      kind === "labels" ? "int32" : "float32",
    );
    const options = { smoothing, ...(weights && { classWeights: WEIGHTS.classes }) };
    await check(name, { logits: drawn(`${name}.logits`, 3, [7, 5]) }, ({ logits }) =>
      crossEntropy(logits, targets, options),
    );
  });

  test.each(Object.entries(OPTIONS))("binary cross-entropy, %s", async (option, { smoothing, weights }) => {
    const name = `binary_cross_entropy/${option}`;
    const targets = constant(fixture.numbers(`${name}/targets`), [6, 4]);
    const options = { smoothing, ...(weights && { positiveWeights: WEIGHTS.positives }) };
    await check(name, { logits: drawn(`${name}.logits`, 5, [6, 4]) }, ({ logits }) =>
      binaryCrossEntropy(logits, targets, options),
    );
  });

  test("the mean squared error", () => {
    const leaves = {
      prediction: drawn("squared_error.prediction", 2, [5, 3]),
      target: drawn("squared_error.target", 2, [5, 3]),
    };
    return check("squared_error", leaves, ({ prediction, target }) => squaredError(prediction, target));
  });

  test.each([0.3, 1, 4])("SimCLR v2's distillation at temperature %s", async (temperature) => {
    const name = `distillation/t${temperature}`;
    const teacher = constant(deterministic(`${name}.teacher`, 6 * 5, 3), [6, 5]);
    await check(name, { student: drawn(`${name}.student`, 3, [6, 5]) }, ({ student }) =>
      distillation({ student, teacher, temperature }),
    );
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
