import { expect, test } from "vitest";
import { resultTable, type ShownResult } from "./result-table.ts";

const estimate = (value: number, standardError = 0.02) => ({ value, standardError });
const difference = (value: number, verdict: "better" | "worse" | "unclear") => ({
  ...{ difference: value, standardError: 0.021, verdict },
});

const classes: ShownResult = {
  task: { kind: "classes", names: ["cat", "dog", "owl"] },
  testedOn: "test",
  scores: {
    kind: "classes",
    pictures: 1200,
    accuracy: estimate(0.913),
    balancedAccuracy: estimate(0.9),
    macroF1: 0.905,
    top5: null,
    calibration: { error: 0.061, temperature: 1.4177, scaledError: 0.023 },
    byClass: [
      { name: "cat", pictures: 20, recall: 0.95, precision: 1 },
      { name: "dog", pictures: 20, recall: 0.55, precision: 0.5 },
      { name: "owl", pictures: 1, recall: 1, precision: null },
    ],
  },
  baselines: [
    {
      baseline: "linear",
      headline: { measure: "accuracy", ...estimate(0.85) },
      comparison: difference(0.063, "better"),
    },
    {
      baseline: "scratch",
      headline: { measure: "accuracy", ...estimate(0.92) },
      comparison: difference(-0.007, "unclear"),
    },
  ],
};

test("classes are compared by accuracy, and the hardest ones are named", () => {
  expect(resultTable(classes).split("\n")).toEqual([
    "Tested on 1,200 pictures of the test part: 3 classes",
    "",
    "                               accuracy  fine-tuned minus it",
    "fine-tuned                 91.3 % ± 2.0",
    "linear probe               85.0 % ± 2.0  +6.3 ± 2.1, better",
    "same network from scratch  92.0 % ± 2.0  -0.7 ± 2.1, not clear",
    "± is one standard error. A difference of at most two standard errors is not clear.",
    "",
    "balanced accuracy  90.0 % ± 2.0",
    "macro F1           90.5 %",
    "calibration error  6.1 %; 2.3 % at temperature 1.42",
    "hardest classes    dog 55.0 % (20 pictures), cat 95.0 % (20 pictures)",
  ]);
});

test("an error is shown as it is, and lower is better", () => {
  const numbers: ShownResult = {
    task: { kind: "numbers", names: ["age", "height"] },
    testedOn: "validation",
    scores: {
      kind: "numbers",
      pictures: 1,
      mae: estimate(0.3141592, 0.0123),
      r2: 0.5,
      byColumn: [
        { name: "age", mae: estimate(3.21987, 0.2), r2: 0.5 },
        { name: "height", mae: estimate(12.5, 1), r2: null },
      ],
    },
    baselines: [
      {
        baseline: "knn",
        headline: { measure: "mean absolute error", ...estimate(0.5, 0.01) },
        comparison: difference(0.1858, "better"),
      },
    ],
    seeds: [0.31, 0.33],
    spread: { mean: 0.32, deviation: 0.01414 },
  };
  const text = resultTable(numbers);
  expect(text).toContain("Tested on 1 picture of the validation part, by which the run was also calibrated:");
  expect(text).toMatch(/\n +mean absolute error, in deviations +fine-tuned minus it\n/);
  expect(text).toMatch(/\nfine-tuned +0\.3142 ± 0\.012\nkNN +0\.5 ± 0\.01 +-0\.19 ± 0\.021, better\n/);
  expect(text).toContain("2 trainings with seeds of their own: 0.31, 0.33; mean 0.32, deviation 0.01414\n");
  expect(text).toMatch(/\nage +3\.22 ± 0\.2 +0\.500\nheight +12\.5 ± 1\nmean +0\.500$/);
});

test("without baselines there are no differences", () => {
  const text = resultTable({ ...classes, baselines: [] });
  expect(text).not.toContain("minus");
  expect(text).not.toContain("not clear");
});
