import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, columnsOf, crossEntropyOf, type Matrix, rowsOf, total } from "../../test/support/rows.ts";
import { constant, input, reshape } from "../tensor/index.ts";
import { dinov2ClassLoss, dinov2PatchLoss } from "./dinov2.ts";
import { maskWeights } from "./masked-cross-entropy.ts";

const [V, G, B, N, K] = [4, 2, 3, 4, 5];
const TEACHER = 0.06;

/** `sinkhorn_knopp_teacher`, three iterations. */
function assign(rows: Matrix): Matrix {
  let q = rows.map((row) => row.map((value) => Math.exp(value / TEACHER)));
  for (let i = 0; i < 3; i++) {
    const prototypes = columnsOf(q).map(total);
    q = q.map((row) => row.map((value, k) => value / prototypes[k]!));
    q = q.map((row) => row.map((value) => value / total(row)));
  }
  return q;
}

describe("dinov2ClassLoss", () => {
  const student = deterministic("dinov2.s", V * B * K);
  const teacher = deterministic("dinov2.t", G * B * K);

  /** Pairs of a teacher's and a student's crop, all of the teacher's rows assigned together. */
  function formula(s: ArrayLike<number>, t: ArrayLike<number> = teacher): number {
    const [rows, targets] = [rowsOf(s, K), assign(rowsOf(t, K))];
    const terms: number[] = [];
    for (let g = 0; g < G; g++)
      for (let v = 0; v < V; v++)
        for (let b = 0; b < B; b++)
          if (v !== g) terms.push(crossEntropyOf(targets[g * B + b]!, rows[v * B + b]!, 0.1));
    return average(terms);
  }

  function evaluate(s = student, t = teacher) {
    const leaves = { s: { data: s, shape: [V * B, K] }, t: { data: t, shape: [G * B, K] } };
    return evaluateLoss(leaves, (x) => ({
      loss: dinov2ClassLoss({
        student: [reshape(x.s, [V, B, K])],
        teacher: [reshape(x.t, [G, B, K])],
        teacherTemperature: TEACHER,
      }),
    }));
  }

  test("is the formula, in value and gradient, and hands none to the teacher", async () => {
    const got = await evaluate();
    expect(relativeError(got.loss!, [formula(student)])).toBeLessThan(1e-5);
    expect(
      relativeError(
        got["grad/s"]!,
        finiteDifferences((s) => formula(s), student),
      ),
    ).toBeLessThan(1e-4);
    expect(got["grad/t"]!.every((value) => value === 0)).toBe(true);
  });

  test("does not change when the teacher favours an output in all rows: no centre is needed", async () => {
    const { loss } = await evaluate();
    const favoured = teacher.map((value, i) => value + (i % K === 2 ? 1.5 : 0));
    expect((await evaluate(student, favoured)).loss![0]).toBeCloseTo(loss![0]!, 4);
  });

  test("is ln K where both networks give equal outputs, and the same bits a second time", async () => {
    const flat = new Float32Array(V * B * K).fill(0.3);
    expect((await evaluate(flat, flat.slice(0, G * B * K))).loss![0]).toBeCloseTo(Math.log(K), 5);
    expect(await evaluate()).toEqual(await evaluate());
  });

  test("takes the iterations it is told", async () => {
    const loss = (iterations: number) =>
      evaluateLoss({ s: { data: student, shape: [V, B, K] } }, (x) => ({
        loss: dinov2ClassLoss({
          student: [x.s],
          teacher: [constant(teacher, [G, B, K])],
          teacherTemperature: TEACHER,
          iterations,
        }),
      }));
    expect((await loss(3)).loss![0]).toBeCloseTo(formula(student), 5);
    expect(Math.abs((await loss(1)).loss![0]! - formula(student))).toBeGreaterThan(1e-3);
  });
});

describe("dinov2PatchLoss", () => {
  const MASK = [1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1];
  const student = deterministic("dinov2.sp", B * N * K);
  const teacher = deterministic("dinov2.tp", B * N * K);

  /** Only masked rows are assigned; the mean is over each picture's rows, then over pictures. */
  function formula(s: ArrayLike<number>): number {
    const isMasked = (_: unknown, i: number) => MASK[i] === 1;
    const targets = assign(rowsOf(teacher, K).filter(isMasked));
    const terms = rowsOf(s, K)
      .filter(isMasked)
      .map((row, i) => crossEntropyOf(targets[i]!, row, 0.1));
    const pictures = rowsOf(MASK, N).map(
      (mask) => total(terms.splice(0, total(mask))) / Math.max(total(mask), 1),
    );
    return average(pictures);
  }

  function evaluate(s = student, t = teacher, mask = MASK) {
    const leaves = { s: { data: s, shape: [B, N, K] }, t: { data: t, shape: [B, N, K] } };
    return evaluateLoss(leaves, (x) => ({
      loss: dinov2PatchLoss({
        student: x.s,
        teacher: x.t,
        weights: maskWeights(constant(mask, [B, N])),
        teacherTemperature: TEACHER,
      }),
    }));
  }

  test("is the formula, in value and gradient, and hands none to the teacher", async () => {
    const got = await evaluate();
    expect(relativeError(got.loss!, [formula(student)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/s"]!, finiteDifferences(formula, student))).toBeLessThan(1e-4);
    expect(got["grad/t"]!.every((value) => value === 0)).toBe(true);
  });

  test("does not change with patches that are not masked", async () => {
    const { loss } = await evaluate();
    const visible = (x: Float32Array) =>
      x.map((value, i) => (MASK[Math.floor(i / K)] === 1 ? value : 9 + value * i));
    expect((await evaluate(visible(student), visible(teacher))).loss![0]).toBeCloseTo(loss![0]!, 4);
  });

  test("is ln K where outputs are equal and every picture is masked, 0 where none is, and repeats its bits", async () => {
    const flat = new Float32Array(B * N * K).fill(0.3);
    const everywhere = MASK.map((value, i) => (i % N === 2 ? 1 : value));
    expect((await evaluate(flat, flat, everywhere)).loss![0]).toBeCloseTo(Math.log(K), 5);
    const nowhere = await evaluate(
      student,
      teacher,
      MASK.map(() => 0),
    );
    expect(nowhere.loss![0]).toBeCloseTo(0, 6);
    expect(nowhere["grad/s"]!.every((value) => Math.abs(value) === 0)).toBe(true);
    expect(await evaluate()).toEqual(await evaluate());
  });

  test("refuses weights that do not fit", () => {
    const x = input("x", [B, N, K]);
    expect(() =>
      dinov2PatchLoss({ student: x, teacher: x, weights: input("w", [B, N + 1]), teacherTemperature: 1 }),
    ).toThrow(/counted \[…, R\]/);
  });
});
