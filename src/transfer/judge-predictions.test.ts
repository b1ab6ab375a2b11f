import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../formats/matrix.ts";
import { fitTaskTemperature } from "./fit-task-temperature.ts";
import { judgePredictions } from "./judge-predictions.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import type { ClassesScores, NumbersScores, SeveralScores } from "./prediction-scores.ts";

const matrix = (rows: number, cols: number, data: readonly number[]): Matrix => ({
  ...{ rows, cols },
  data: Float32Array.from(data),
});
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("classes", () => {
  const task: LabelTask = { kind: "classes", names: ["cat", "dog", "owl"] };
  // Predicted: 0, 0, 1, 0, 2.
  const logits = matrix(5, 3, [2, 1, 0, 3, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 4]);
  const answers: Answers = { kind: "classes", classes: Int32Array.of(0, 0, 1, 1, 1) };

  test("have the scores of the confusion matrix, with errors by formula", () => {
    const { scores, outcomes, headline } = judgePredictions(task, logits, answers);
    const { calibration, ...rest } = scores as ClassesScores;
    expect(rest).toMatchObject({
      kind: "classes",
      pictures: 5,
      accuracy: { value: 3 / 5, standardError: expect.closeTo(Math.sqrt(((3 / 5) * (2 / 5)) / 5), 12) },
      balancedAccuracy: {
        value: expect.closeTo((1 + 1 / 3) / 2, 12),
        standardError: expect.closeTo(Math.sqrt(((1 / 3) * (2 / 3)) / 3) / 2, 12),
      },
      macroF1: expect.closeTo((4 / 5 + 2 / 4 + 0) / 3, 12),
      top5: null,
      byClass: [
        { name: "cat", pictures: 2, recall: 1, precision: expect.closeTo(2 / 3, 12) },
        { name: "dog", pictures: 3, recall: expect.closeTo(1 / 3, 12), precision: 1 },
        { name: "owl", pictures: 0, recall: null, precision: 0 },
      ],
    });
    expect([...outcomes]).toEqual([1, 1, 1, 0, 0]);
    expect(headline).toMatchObject({ measure: "accuracy", value: 3 / 5 });
    expect(calibration).toMatchObject({ temperature: null, scaledError: null });
  });

  test("have top-5 from six classes on", () => {
    const six: LabelTask = { kind: "classes", names: [..."abcdef"] };
    const own = matrix(2, 6, [6, 5, 4, 3, 2, 1, 6, 5, 4, 3, 2, 1]);
    const { scores } = judgePredictions(six, own, { kind: "classes", classes: Int32Array.of(4, 5) });
    expect((scores as ClassesScores).top5).toMatchObject({ value: 0.5 });
  });

  test("have a temperature of the validation part that changes the calibration only", () => {
    // Logits of the right scale, times 4: the temperature is 4, and less is too sure.
    const rows = 2000;
    const chances = deterministic("chances", rows, 0.5).map((x) => x + 0.5);
    const values = deterministic("logits", rows, 2);
    const [data, classes] = [new Float32Array(2 * rows), new Int32Array(rows)];
    for (let row = 0; row < rows; row++) {
      data[2 * row + 1] = 4 * values[row]!;
      classes[row] = chances[row]! < 1 / (1 + Math.exp(-values[row]!)) ? 1 : 0;
    }
    const two: LabelTask = { kind: "classes", names: ["no", "yes"] };
    const own = { rows, cols: 2, data };
    const temperature = fitTaskTemperature(two, own, { kind: "classes", classes })!;
    expect(temperature).toBeGreaterThan(3.4);
    expect(temperature).toBeLessThan(4.6);
    const plain = judgePredictions(two, own, { kind: "classes", classes }).scores as ClassesScores;
    const scaled = judgePredictions(two, own, { kind: "classes", classes }, temperature).scores;
    const { calibration, ...rest } = scaled as ClassesScores;
    expect(plain).toMatchObject(rest);
    expect(calibration.error).toBe(plain.calibration.error);
    expect(calibration.scaledError!).toBeLessThan(calibration.error / 2);
  });

  test("that are all right leave the temperature at 1", () => {
    expect(fitTaskTemperature(task, logits, { kind: "classes", classes: Int32Array.of(0, 0, 1, 0, 2) })).toBe(
      1,
    );
  });
});

test("several labels have precision by label and F1 above a half", () => {
  const task: LabelTask = { kind: "several", names: ["red", "round", "old"] };
  const rows = matrix(4, 3, [1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0]);
  const logits = matrix(4, 3, [3, 1, -1, -1, 2, -1, 2, -3, -1, -4, -5, 1]);
  const { scores, headline, outcomes } = judgePredictions(task, logits, { kind: "several", rows });
  // red ranks 3, 2 (wrong), -1; round 2, 1 (wrong), -3.
  const byLabel = [mean([1, 2 / 3]), mean([1, 2 / 3])];
  expect(scores as SeveralScores).toMatchObject({
    pictures: 4,
    map: { value: expect.closeTo(mean(byLabel), 12) },
    // red: TP 1, FP 1, FN 1; round the same; old FP 1.
    f1: { macro: expect.closeTo((0.5 + 0.5 + 0) / 3, 12), micro: expect.closeTo(4 / 9, 12) },
    byLabel: [
      { name: "red", pictures: 2, precision: expect.closeTo(byLabel[0]!, 12) },
      { name: "round", pictures: 2, precision: expect.closeTo(byLabel[1]!, 12) },
      { name: "old", pictures: 0, precision: null },
    ],
  });
  expect(headline.measure).toBe("mAP");
  expect(outcomes).toHaveLength(4);
  expect(fitTaskTemperature(task, logits, { kind: "several", rows })!).toBeGreaterThan(1);
});

describe("numbers", () => {
  const answers = (cols: number, ...data: number[]): Answers => ({
    kind: "numbers",
    rows: matrix(data.length / cols, cols, data),
  });

  test("of one column are judged in the unit of the labels", () => {
    const task: LabelTask = { kind: "numbers", names: ["age"], scale: { mean: [40], deviation: [10] } };
    const { scores, outcomes } = judgePredictions(task, matrix(3, 1, [-1, 0, 1.5]), answers(1, 32, 40, 50));
    // Predicted 30, 40, 55.
    const { mae, r2, byColumn } = scores as NumbersScores;
    expect(mae.value).toBeCloseTo(7 / 3, 6);
    const [target, center] = [[32, 40, 50], 122 / 3];
    const spread = target.reduce((sum, y) => sum + (y - center) ** 2, 0);
    expect(r2).toBeCloseTo(1 - (4 + 25) / spread, 6);
    expect(byColumn).toMatchObject([{ name: "age", r2 }]);
    expect([...outcomes]).toEqual([-2, -0, -5]);
  });

  test("of several columns are judged in deviations, and R² of equal labels is left out", () => {
    const scale = { mean: [0, 0], deviation: [1, 100] };
    const task: LabelTask = { kind: "numbers", names: ["a", "b"], scale };
    const { scores } = judgePredictions(task, matrix(2, 2, [1, 1, 2, 2]), answers(2, 1, 50, 1, 50));
    expect(scores as NumbersScores).toMatchObject({
      mae: { value: expect.closeTo((0 / 1 + 50 / 100 + 1 / 1 + 150 / 100) / 4, 6) },
      r2: null,
      byColumn: [
        { mae: { value: 0.5 }, r2: null },
        { mae: { value: 100 }, r2: null },
      ],
    });
    expect(fitTaskTemperature(task, matrix(2, 2, [1, 1, 2, 2]), answers(2, 1, 50, 1, 50))).toBeNull();
  });
});

test("what does not match is refused, and scores are plain data", () => {
  const task: LabelTask = { kind: "classes", names: ["cat", "dog"] };
  const classes = Int32Array.of(0, 1);
  for (const [own, logits] of [
    [{ kind: "classes", classes }, matrix(3, 2, [0, 0, 0, 0, 0, 0])],
    [{ kind: "classes", classes }, matrix(2, 3, [0, 0, 0, 0, 0, 0])],
    [{ kind: "several", rows: matrix(2, 2, [0, 1, 1, 0]) }, matrix(2, 2, [0, 0, 0, 0])],
  ] satisfies [Answers, Matrix][])
    expect(() => judgePredictions(task, logits, own)).toThrow("expected classes");
  const { scores } = judgePredictions(task, matrix(2, 2, [1, 0, 1, 0]), { kind: "classes", classes }, 2);
  expect(JSON.parse(JSON.stringify(scores))).toEqual(scores);
});
