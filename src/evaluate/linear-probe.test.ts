import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../formats/matrix.ts";
import { type LinearProbeOptions, linearProbe } from "./linear-probe.ts";

const [WIDTH, CLASSES] = [8, 6];
const labels = (rows: number) => Int32Array.from({ length: rows }, (_, row) => (row * 5 + 2) % CLASSES);

/** A centre for each class, noise, and columns of very different scale and offset. */
function features(name: string, rows: number, noise: number): Matrix {
  const centres = deterministic("centres", CLASSES * WIDTH);
  const own = labels(rows);
  const data = deterministic(name, rows * WIDTH, noise).map((value, i) => {
    const [row, col] = [Math.floor(i / WIDTH), i % WIDTH];
    return (value + centres[own[row]! * WIDTH + col]!) * 10 ** (col - 4) + col * 50;
  });
  return { rows, cols: WIDTH, data };
}

function set(noise: number): LinearProbeOptions {
  return {
    train: features("train", 300, noise),
    trainLabels: labels(300),
    test: features("test", 150, noise),
    testLabels: labels(150),
    classes: CLASSES,
    seed: 1,
    epochs: 20,
    threads: 1,
  };
}

describe("linearProbe", () => {
  test("separates what is linearly separable, whatever the scale of the columns", async () => {
    const { accuracy, top5, predictions } = await linearProbe(set(0.15));
    expect(accuracy).toBe(1);
    expect(top5).toBe(1);
    expect(predictions).toEqual(labels(150));
  });

  test("is at chance on features that know nothing of the labels", async () => {
    const blind = { rows: 300, cols: WIDTH, data: deterministic("blind", 300 * WIDTH) };
    const { accuracy } = await linearProbe({ ...set(1), train: blind });
    expect(accuracy).toBeLessThan(0.35);
  });

  test("chooses the rate by validation, and is then what that rate alone gives", async () => {
    const options = { ...set(0.9), learningRates: [1e-6, 0.03, 1e20] };
    const { learningRate, validationAccuracy, ...outcome } = await linearProbe(options);
    expect(learningRate).toBe(0.03);
    expect([...validationAccuracy.keys()]).toEqual([1e-6, 0.03, 1e20]);
    expect(Math.max(...validationAccuracy.values())).toBe(validationAccuracy.get(0.03));
    const alone = await linearProbe({ ...options, learningRates: [0.03] });
    expect(alone).toMatchObject(outcome);
    expect(alone.validationAccuracy.size).toBe(0);
  });

  test("never looks at the test rows while choosing", async () => {
    const options = set(0.9);
    const relabelled = { ...options, testLabels: labels(150).map((label) => (label + 1) % CLASSES) };
    const [one, other] = [await linearProbe(options), await linearProbe(relabelled)];
    expect(other.learningRate).toBe(one.learningRate);
    expect(other.validationAccuracy).toEqual(one.validationAccuracy);
    expect(other.predictions).toEqual(one.predictions);
  });

  test("is a function of its seed", async () => {
    const options = { ...set(0.9), epochs: 3 };
    expect(await linearProbe(options)).toEqual(await linearProbe(options));
    const { validationAccuracy } = await linearProbe({ ...options, seed: 2 });
    expect(validationAccuracy).not.toEqual((await linearProbe(options)).validationAccuracy);
  });

  test("takes fewer rows than a batch, and fewer classes than five", async () => {
    const few = { rows: 4, cols: 1, data: Float32Array.of(-1, -2, 1, 2) };
    const options = {
      train: few,
      trainLabels: [0, 0, 1, 1],
      test: few,
      testLabels: [0, 0, 1, 1],
      classes: 2,
      seed: 0,
    };
    const result = await linearProbe({ ...options, epochs: 10 });
    expect(result).toMatchObject({ accuracy: 1, top5: 1 });
  });

  test("refuses what it cannot learn from", async () => {
    const options = set(0.15);
    await expect(linearProbe({ ...options, testLabels: labels(3) })).rejects.toThrow("the test labels");
    await expect(linearProbe({ ...options, classes: 4 })).rejects.toThrow("from 0 to 3");
    await expect(linearProbe({ ...options, learningRates: [0.1, 0] })).rejects.toThrow("a learning rate");
    await expect(linearProbe({ ...options, learningRates: [] })).rejects.toMatchObject({
      code: "usage/value",
    });
    await expect(linearProbe({ ...options, validation: 1 })).rejects.toThrow("the validation share");
    const singles = { rows: 2, cols: 1, data: Float32Array.of(0, 1) };
    const lone = {
      train: singles,
      trainLabels: [0, 1],
      test: singles,
      testLabels: [0, 1],
      classes: 2,
      seed: 0,
    };
    await expect(linearProbe(lone)).rejects.toThrow(
      "Add pictures: at least one class needs two training pictures.",
    );
    expect((await linearProbe({ ...lone, learningRates: [0.1] })).accuracy).toBe(1);
  });
});
