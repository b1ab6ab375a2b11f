import { expect, test } from "vitest";
import type { Prediction } from "../transfer/predictions.ts";
import { predictionTable } from "./prediction-table.ts";

const rows = (...predictions: Prediction[]) =>
  predictions.map((one, at) => ({ name: `${at}.png`, ...one, distance: 0.1, unlike: at === 1 }));

test("classes have their probabilities beside them", () => {
  const top = (...pairs: [string, number][]) => pairs.map(([label, probability]) => ({ label, probability }));
  const text = predictionTable(
    { kind: "classes", names: ["cat", "zebra"] },
    rows(
      { kind: "classes", top: top(["cat", 0.98765], ["zebra", 0.01235]) },
      { kind: "classes", top: top(["zebra", 0.5], ["cat", 0.5]) },
    ),
  );
  expect(text.split("\n")).toEqual([
    "picture  label",
    "0.png    cat    98.8 %  zebra   1.2 %",
    "1.png    zebra  50.0 %  cat    50.0 %  unlike",
  ]);
});

test("several labels are on one line, and none is no label", () => {
  const text = predictionTable(
    { kind: "several", names: ["red", "old"] },
    rows(
      { kind: "several", labels: ["red", "old"], probabilities: [0.9, 0.8] },
      { kind: "several", labels: [], probabilities: [0.1, 0.2] },
    ),
  );
  expect(text.split("\n")).toEqual(["picture  labels", "0.png    red | old", "1.png               unlike"]);
});

test("numbers have the names of their columns", () => {
  const text = predictionTable(
    { kind: "numbers", names: ["age", "height"] },
    rows({ kind: "numbers", numbers: [41.23456, 1.5] }, { kind: "numbers", numbers: [7, 12345.678] }),
  );
  expect(text.split("\n")).toEqual([
    "picture    age  height",
    "0.png    41.23     1.5",
    "1.png        7   12346  unlike",
  ]);
});
