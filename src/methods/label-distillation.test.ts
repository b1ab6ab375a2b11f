import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { relativeError } from "../../test/support/probe.ts";
import { createBackbone } from "../backbones/index.ts";
import type { LossContext } from "../objectives/objective.ts";
import { cast, type Tensor } from "../tensor/index.ts";
import { LABELLED, type LabelDistillationSettings, labelDistillation } from "./label-distillation.ts";

const [B, K] = [4, 3];
const student = deterministic("student", B * K, 3);
const teacher = deterministic("teacher", B * K, 3);
/** Pictures 1 and 2 have no label. */
const labels = [2, -1, -1, 0];
const labelled = [1, 0, 0, 1];
const rows = { several: [1, 0, 1, 9, 9, 9, 9, 9, 9, 0, 1, 0], numbers: deterministic("numbers", B * K, 2) };

const { name, settings } = createBackbone("resnet18", { imageSize: 16, widthMultiplier: 1 / 8 });
const situation = {
  ...{ pictures: 40, imageSize: 16, batchSize: B, epochs: 1 },
  ...{ family: "resnet", multipleOf: 1, batchNorm: true, features: 64 },
} as const;

function settingsOf(own: Partial<LabelDistillationSettings>): LabelDistillationSettings {
  const defaults = labelDistillation.defaults!(situation);
  const network = { ...defaults.teacher, imageSize: 16, backbone: { name, settings: { ...settings } } };
  return labelDistillation.settings!.parse({ ...defaults, outputs: K, teacher: network, ...own });
}

/** The loss of the objective for these logits, and its gradients. */
function lossOf(own: Partial<LabelDistillationSettings>, s: ArrayLike<number>, t: ArrayLike<number>) {
  const objective = labelDistillation.objective(settingsOf(own), situation);
  const leaves = {
    ...{ s: leaf(s, B, K), t: leaf(t, B, K), label: leaf(labels, B), labelled: leaf(labelled, B) },
    rows: leaf(rows[own.task === "numbers" ? "numbers" : "several"], B, K),
  };
  return evaluateLoss(leaves, (x) => {
    const named = { label: cast(x.label, "int32"), labels: x.rows, numbers: x.rows, [LABELLED]: x.labelled };
    const targets = named as Record<string, Tensor>;
    const result = objective.loss({ student: x.s, teacher: x.t }, {
      targets,
      draws: {},
    } as unknown as LossContext);
    return { loss: result.loss, agreement: result.metrics?.agreement ?? result.loss };
  });
}

const softmax = (row: readonly number[]) => {
  const powers = row.map(Math.exp);
  return powers.map((power) => power / powers.reduce((sum, value) => sum + value));
};
const rowsOf = (data: ArrayLike<number>) =>
  Array.from({ length: B }, (_, b) => Array.from({ length: K }, (_, k) => data[b * K + k]!));
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const bce = (z: number, y: number) => -y * Math.log(sigmoid(z)) - (1 - y) * Math.log(1 - sigmoid(z));

describe("the loss of a student", () => {
  test.each([0.5, 1, 3])(
    "is the entropy of the teacher's outputs at temperature %s where the student has the same, without gradient",
    async (temperature) => {
      const same = teacher.map((z) => z + 2);
      const { loss, agreement, "grad/s": slopes } = await lossOf({ temperature }, same, teacher);
      const entropies = rowsOf(teacher).map((row) =>
        softmax(row.map((z) => z / temperature)).reduce((sum, p) => sum - p * Math.log(p), 0),
      );
      expect(relativeError(loss, [meanOf(entropies)])).toBeLessThan(1e-5);
      expect(Math.max(...slopes.map(Math.abs))).toBeLessThan(1e-6);
      expect(agreement).toEqual([1]);
    },
  );

  test("mixes in labels by 1 - α; pictures without one count in the mean and add nothing", async () => {
    const [own, taught] = [
      await lossOf({}, student, teacher),
      await lossOf({ labelWeight: 0.4 }, student, teacher),
    ];
    const crossEntropies = rowsOf(student).map((row, b) =>
      labels[b]! < 0 ? 0 : -Math.log(softmax(row)[labels[b]!]!),
    );
    const expected = 0.4 * meanOf(crossEntropies) + 0.6 * own.loss[0]!;
    expect(relativeError(taught.loss, [expected])).toBeLessThan(1e-5);
    for (const at of [1, 2].flatMap((b) => [0, 1, 2].map((k) => b * K + k)))
      expect(taught["grad/s"][at]).toBeCloseTo(0.6 * own["grad/s"][at]!, 6);
  });

  test("is a binary cross-entropy of each of several labels", async () => {
    const temperature = 2;
    const imitation = meanOf(
      [...student].map((z, at) => bce(z / temperature, sigmoid(teacher[at]! / temperature))),
    );
    const own = rowsOf(student).map((row, b) =>
      labelled[b] === 0 ? 0 : meanOf(row.map((z, k) => bce(z, rows.several[b * K + k]!))),
    );
    const { loss } = await lossOf({ task: "several", temperature, labelWeight: 0.25 }, student, teacher);
    expect(relativeError(loss, [0.25 * meanOf(own) + 0.75 * imitation])).toBeLessThan(1e-5);
  });

  test("is a squared error of numbers, whatever the temperature", async () => {
    const imitation = meanOf([...student].map((z, at) => (z - teacher[at]!) ** 2));
    const own = rowsOf(student).map((row, b) =>
      labelled[b] === 0 ? 0 : meanOf(row.map((z, k) => (z - rows.numbers[b * K + k]!) ** 2)),
    );
    const { loss } = await lossOf({ task: "numbers", temperature: 9, labelWeight: 0.5 }, student, teacher);
    expect(relativeError(loss, [0.5 * meanOf(own) + 0.5 * imitation])).toBeLessThan(1e-5);
  });

  test("gives the teacher no gradient", async () => {
    for (const task of ["classes", "several", "numbers"] as const) {
      const got = await lossOf({ task, labelWeight: 0.5 }, student, teacher);
      expect(got["grad/t"]).toEqual(new Array(B * K).fill(0));
    }
  });
});

test("targets are asked for only if labels are mixed in", () => {
  const targets = (own: Partial<LabelDistillationSettings>) =>
    labelDistillation.objective(settingsOf(own), situation).targets!.map((target) => target.name);
  expect(targets({})).toEqual([]);
  expect(targets({ labelWeight: 0.1 })).toEqual(["label"]);
  expect(targets({ labelWeight: 0.1, task: "several" })).toEqual(["labels", LABELLED]);
});

test("views are made at the larger size of both networks, in whole patches of the student", () => {
  const size = (imageSize: number, multipleOf = 1) => {
    const own = settingsOf({});
    const objective = labelDistillation.objective(
      { ...own, teacher: { ...own.teacher, imageSize } },
      { ...situation, multipleOf },
    );
    return objective.views![0]!.views[0]!.size;
  };
  expect([size(8), size(16), size(32), size(28, 8)]).toEqual([16, 16, 32, 32]);
});
