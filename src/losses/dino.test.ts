import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runTwice } from "../../test/support/run-twice.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, gradients, input, reshape, split } from "../tensor/index.ts";
import { dinoLoss, dinoLossWithMetrics, nextCentre } from "./dino.ts";

const [V, G, B, K] = [5, 2, 3, 7];
const student = deterministic("dino.student", V * B * K);
const teacher = deterministic("dino.teacher", G * B * K);
const centre = deterministic("dino.centre", K, 0.2);
const TEMPERATURES = { student: 0.1, teacher: 0.04 };

type Matrix = number[][];

function rowsOf(values: ArrayLike<number>, width: number): Matrix {
  const all = Array.from(values);
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
}

function softmax(z: readonly number[]): number[] {
  const weights = z.map((value) => Math.exp(value - Math.max(...z)));
  return weights.map((weight) => weight / weights.reduce((a, b) => a + b));
}

/** The two loops of `DINOLoss.forward`: over teacher's views, over student's crops, own crop left out. */
function authorsLoops(studentLogits: ArrayLike<number>, teacherLogits: ArrayLike<number>, shift = centre) {
  const sharp = rowsOf(teacherLogits, K).map((row) =>
    softmax(row.map((value, k) => (value - shift[k]!) / TEMPERATURES.teacher)),
  );
  const soft = rowsOf(studentLogits, K).map((row) =>
    softmax(row.map((value) => value / TEMPERATURES.student)).map(Math.log),
  );
  let [total, terms, entropy] = [0, 0, 0];
  for (let t = 0; t < G; t++) {
    for (let v = 0; v < V; v++) {
      if (v === t) continue;
      terms++;
      for (let b = 0; b < B; b++)
        for (let k = 0; k < K; k++) total -= (sharp[t * B + b]![k]! * soft[v * B + b]![k]!) / B;
    }
  }
  for (const row of sharp) for (const p of row) entropy -= p === 0 ? 0 : (p * Math.log(p)) / (G * B);
  return { loss: total / terms, entropy };
}

type Form = "one tensor a crop" | "all crops stacked" | "global and local crops stacked";

/** The loss and all its metrics, with crops in one of the allowed forms. */
async function evaluate(form: Form, s = student, t = teacher, c: Float32Array = centre) {
  const [x, y, z] = [input("s", [V * B, K]), input("t", [G * B, K]), input("c", [K])];
  const cut = {
    "one tensor a crop": [1, 1, 1, 1, 1],
    "all crops stacked": [5],
    "global and local crops stacked": [2, 3],
  };
  const crops = cut[form].map((n) => n * B);
  const views = form === "one tensor a crop" ? [B, B] : [G * B];
  const stacked = (parts: readonly ReturnType<typeof input>[]) =>
    parts.map((part) => (part.shape[0] === B ? part : reshape(part, [-1, B, K])));
  const result = dinoLossWithMetrics({
    student: stacked(split(x, 0, crops)),
    teacher: stacked(split(y, 0, views)),
    centre: z,
    studentTemperature: TEMPERATURES.student,
    teacherTemperature: input("temperature", []),
  });
  const [gs, gt, gc] = gradients(result.loss, [x, y, z]);
  const program = compile({ ...result, gs: gs!, gt: gt!, gc: gc! });
  const got = await runTwice(program, { s, t, c, temperature: Float32Array.of(TEMPERATURES.teacher) });
  return Object.fromEntries(
    Object.entries(got).map(([name, data]) => [name, Array.from(data as Float32Array)]),
  ) as Record<"loss" | "teacherEntropy" | "kl" | "gs" | "gt" | "gc", number[]>;
}

describe("dinoLoss", () => {
  test.each<Form>(["one tensor a crop", "all crops stacked", "global and local crops stacked"])(
    "is the authors' double loop, in value and gradient, with %s",
    async (form) => {
      const got = await evaluate(form);
      const formula = (s: readonly number[]) => authorsLoops(s, teacher).loss;
      expect(relativeError(got.loss, [formula(Array.from(student))])).toBeLessThan(1e-5);
      expect(relativeError(got.gs, finiteDifferences(formula, student))).toBeLessThan(1e-4);
    },
  );

  test("hands no gradient to the teacher or the centre", async () => {
    const { gt, gc } = await evaluate("all crops stacked");
    expect([...gt, ...gc].every((value) => value === 0)).toBe(true);
  });

  test("is 1.556479 / 4 for the rows whose four pairs add up to 1.556479 in DINOv2's form", async () => {
    const t = constant([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [3, 2]);
    const s = constant([0.7, 0.8, 0.9, 1, 1.1, 1.2], [3, 2]);
    const loss = dinoLoss({
      student: [s, s, s, s],
      teacher: [t, t],
      centre: constant([0, 0], [2]),
      studentTemperature: 0.1,
      teacherTemperature: 0.04,
    });
    const got = await runOnce(compile({ loss }), {});
    expect(4 * (got.loss as Float32Array)[0]!).toBeCloseTo(1.556479, 5);
  });

  test("is ln K, all of it entropy, where both networks have collapsed to the uniform distribution", async () => {
    const flat = (values: Float32Array) => new Float32Array(values.length).fill(0.3);
    const got = await evaluate("all crops stacked", flat(student), flat(teacher), new Float32Array(K));
    expect(got.loss[0]).toBeCloseTo(Math.log(K), 5);
    expect(got.teacherEntropy[0]).toBeCloseTo(Math.log(K), 5);
    expect(got.kl[0]).toBeCloseTo(0, 5);
  });

  test("does not change with the order of the local crops, or a constant added to all logits or to the centre", async () => {
    const { loss } = await evaluate("all crops stacked");
    const crop = (v: number) => Array.from(student.subarray(v * B * K, (v + 1) * B * K));
    const reordered = Float32Array.from([0, 1, 4, 2, 3].flatMap(crop));
    const plus = (values: Float32Array) => values.map((value) => value + 0.5);
    for (const other of [
      evaluate("all crops stacked", reordered),
      evaluate("all crops stacked", plus(student), plus(teacher)),
      evaluate("all crops stacked", student, teacher, plus(centre)),
    ])
      expect((await other).loss[0]).toBeCloseTo(loss[0]!, 4);
    const globalsSwapped = Float32Array.from([1, 0, 2, 3, 4].flatMap(crop));
    expect(
      Math.abs((await evaluate("all crops stacked", globalsSwapped)).loss[0]! - loss[0]!),
    ).toBeGreaterThan(1e-3);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate("all crops stacked")).toEqual(await evaluate("all crops stacked"));
  });

  test("refuses crops that do not fit the teacher's, and a single crop", () => {
    const settings = { centre: input("c", [K]), studentTemperature: 0.1, teacherTemperature: 0.04 };
    const crops = (count: number, batch = B) =>
      Array.from({ length: count }, (_, v) => input(`${v}`, [batch, K]));
    const refused = /at least two student crops \[B, K\], those of the teacher first/;
    expect(() => dinoLoss({ ...settings, student: crops(3, B + 1), teacher: crops(2) })).toThrow(refused);
    expect(() => dinoLoss({ ...settings, student: crops(1), teacher: crops(2) })).toThrow(refused);
    expect(() => dinoLoss({ ...settings, student: crops(1), teacher: crops(1) })).toThrow(refused);
    expect(() =>
      dinoLoss({ ...settings, centre: input("c", [K + 1]), student: crops(2), teacher: crops(2) }),
    ).toThrow(/a centre \[K\]/);
  });
});

describe("the metrics of collapse", () => {
  test("the entropy is that of the centred and sharpened teacher, and kl what the loss has beyond it", async () => {
    const { loss, entropy } = authorsLoops(student, teacher);
    const got = await evaluate("one tensor a crop");
    expect(relativeError(got.teacherEntropy, [entropy])).toBeLessThan(1e-5);
    expect(relativeError(got.kl, [loss - entropy])).toBeLessThan(1e-4);
  });
});

describe("nextCentre", () => {
  test.each([0.9, 0, 1])(
    "is the moving average of the teacher's mean row at momentum %f",
    async (momentum) => {
      const expected = Array.from(centre, (value, k) => {
        const column = rowsOf(teacher, K).map((row) => row[k]!);
        return momentum * value + ((1 - momentum) * column.reduce((a, b) => a + b)) / column.length;
      });
      const [t, c] = [input("t", [G * B, K]), input("c", [K])];
      const program = compile({
        whole: nextCentre(c, t, momentum),
        stacked: nextCentre(c, reshape(t, [G, B, K]), input("momentum", [])),
        list: nextCentre(c, split(t, 0, [B, B]), momentum),
      });
      const got = await runOnce(program, { t: teacher, c: centre, momentum: Float32Array.of(momentum) });
      for (const form of ["whole", "stacked", "list"] as const)
        expect(relativeError(got[form] as Float32Array, expected)).toBeLessThan(1e-6);
    },
  );

  test("keeps a centre that is the teacher's mean already", async () => {
    const rows = [0.5, -1, 0.5, -1];
    const next = nextCentre(constant([0.5, -1], [2]), constant(rows, [2, 2]), 0.9);
    expect(
      relativeError((await runOnce(compile({ next }), {})).next as Float32Array, [0.5, -1]),
    ).toBeLessThan(1e-6);
  });
});
