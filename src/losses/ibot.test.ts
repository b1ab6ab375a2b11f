import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, columnsOf, crossEntropyOf, rowsOf, softmaxOf, total } from "../../test/support/rows.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, input, reshape } from "../tensor/index.ts";
import { ibotLoss, ibotLossWithParts, nextIbotCentres } from "./ibot.ts";

const [V, G, B, N, K, P] = [4, 2, 2, 3, 6, 5];
const n = G * B;
const MASK = [1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0];
const SETTINGS = {
  studentTemperature: 0.1,
  classTemperature: 0.04,
  patchTemperature: 0.07,
  classWeight: 0.7,
  patchWeight: 1.5,
};

const values = {
  studentClass: deterministic("ibot.sc", V * B * K),
  studentPatches: deterministic("ibot.sp", n * N * P),
  teacherClass: deterministic("ibot.tc", n * K),
  teacherPatches: deterministic("ibot.tp", n * N * P),
  classCentre: deterministic("ibot.cc", K, 0.2),
  patchCentre: deterministic("ibot.pc", P, 0.2),
};
type Values = typeof values;

const sharp = (rows: number[][], centre: ArrayLike<number>, temperature: number) =>
  rows.map((row) =>
    softmaxOf(
      row.map((value, k) => value - centre[k]!),
      temperature,
    ),
  );

/** The loops of `iBOTLoss.forward`: teacher's crops q, student's crops v, patches where they are the same. */
function authorsLoops(v: Record<keyof Values, ArrayLike<number>>) {
  const classes = sharp(rowsOf(v.teacherClass, K), v.classCentre, SETTINGS.classTemperature);
  const patches = sharp(rowsOf(v.teacherPatches, P), v.patchCentre, SETTINGS.patchTemperature);
  const [studentClass, studentPatches] = [rowsOf(v.studentClass, K), rowsOf(v.studentPatches, P)];
  const entropies = { class: [] as number[], patch: [] as number[] };
  for (let q = 0; q < G; q++)
    for (let crop = 0; crop < V; crop++)
      for (let b = 0; b < B; b++) {
        if (crop !== q) {
          entropies.class.push(crossEntropyOf(classes[q * B + b]!, studentClass[crop * B + b]!, 0.1));
          continue;
        }
        const first = (q * B + b) * N;
        const mask = MASK.slice(first, first + N);
        const terms = mask.map(
          (hidden, i) => hidden * crossEntropyOf(patches[first + i]!, studentPatches[first + i]!, 0.1),
        );
        entropies.patch.push(total(terms) / Math.max(total(mask), 1));
      }
  const [classLoss, patchLoss] = [average(entropies.class), average(entropies.patch)];
  return { loss: 0.7 * classLoss + 1.5 * patchLoss, classLoss, patchLoss };
}

const SHAPES = {
  studentClass: [V * B, K],
  studentPatches: [n, N, P],
  teacherClass: [n, K],
  teacherPatches: [n, N, P],
  classCentre: [K],
  patchCentre: [P],
};

function evaluate(changed: Partial<Values> = {}) {
  const now = { ...values, ...changed };
  const leaf = (name: keyof Values) => ({ data: now[name], shape: SHAPES[name] });
  const leaves = {
    studentClass: leaf("studentClass"),
    studentPatches: leaf("studentPatches"),
    teacherClass: leaf("teacherClass"),
    teacherPatches: leaf("teacherPatches"),
    classCentre: leaf("classCentre"),
    patchCentre: leaf("patchCentre"),
  };
  return evaluateLoss(leaves, (t) => ({
    ...ibotLossWithParts({
      ...t,
      ...SETTINGS,
      studentClass: [reshape(t.studentClass, [V, B, K])],
      teacherClass: [reshape(t.teacherClass, [G, B, K])],
      mask: constant(MASK, [n, N]),
    }),
  }));
}

describe("ibotLoss", () => {
  test("is the authors' loops, in value, parts and gradients", async () => {
    const got = await evaluate();
    for (const [part, value] of Object.entries(authorsLoops(values)))
      expect(relativeError(got[part as keyof typeof got], [value]), part).toBeLessThan(1e-5);
    for (const name of ["studentClass", "studentPatches"] as const) {
      const by = (z: readonly number[]) => authorsLoops({ ...values, [name]: z }).loss;
      expect(relativeError(got[`grad/${name}`]!, finiteDifferences(by, values[name])), name).toBeLessThan(
        1e-4,
      );
    }
  });

  test("hands no gradient to the teacher or the centres", async () => {
    const got = await evaluate();
    for (const name of ["teacherClass", "teacherPatches", "classCentre", "patchCentre"] as const)
      expect(
        got[`grad/${name}`]!.every((value) => value === 0),
        name,
      ).toBe(true);
  });

  test("does not change with patches that are not masked, or a number added to all logits and centres", async () => {
    const { loss } = await evaluate();
    const visible = (x: Float32Array) =>
      x.map((value, i) => (MASK[Math.floor(i / P)] === 1 ? value : i - value));
    const [studentPatches, teacherPatches] = [visible(values.studentPatches), visible(values.teacherPatches)];
    expect((await evaluate({ studentPatches, teacherPatches })).loss![0]).toBeCloseTo(loss![0]!, 5);
    const raised = (x: Float32Array) => x.map((value) => value + 0.5);
    const classCentre = raised(values.classCentre);
    const studentClass = raised(values.studentClass);
    expect((await evaluate({ studentClass, classCentre })).loss![0]).toBeCloseTo(loss![0]!, 4);
  });

  test("is λ1·ln K + λ2·ln P, less for a picture without masked patches, where all outputs are equal", async () => {
    const flat = Object.fromEntries(Object.entries(values).map(([name, x]) => [name, x.map(() => 0.3)]));
    const got = await evaluate(flat);
    expect(got.classLoss![0]).toBeCloseTo(Math.log(K), 5);
    expect(got.patchLoss![0]).toBeCloseTo(0.75 * Math.log(P), 5);
    expect(got.loss![0]).toBeCloseTo(0.7 * Math.log(K) + 1.5 * 0.75 * Math.log(P), 5);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate()).toEqual(await evaluate());
  });

  test("refuses a centre of another width, and patches of another number", () => {
    const given = {
      ...SETTINGS,
      studentClass: [input("sc", [V, B, K])],
      teacherClass: [input("tc", [G, B, K])],
      studentPatches: input("sp", [n, N, P]),
      teacherPatches: input("tp", [n, N, P]),
      mask: input("m", [n, N]),
      classCentre: input("cc", [K]),
      patchCentre: input("pc", [P]),
    };
    expect(() => ibotLoss({ ...given, patchCentre: input("pc", [P + 1]) })).toThrow(/a centre \[P\]/);
    expect(() => ibotLoss({ ...given, mask: input("m", [n, N + 1]) })).toThrow(/weights \[…\]/);
  });
});

test.each([0, 0.9, 1])("nextIbotCentres are moving averages of all the teacher's rows at %f", async (m) => {
  const inputs = {
    teacherClass: [constant(values.teacherClass, [G, B, K])],
    teacherPatches: constant(values.teacherPatches, [n, N, P]),
    classCentre: constant(values.classCentre, [K]),
    patchCentre: constant(values.patchCentre, [P]),
  };
  const next = nextIbotCentres(inputs, { classToken: m, patches: constant([m], []) });
  const got = await runOnce(compile({ ...next }), {});
  const moved = (centre: Float32Array, teacher: Float32Array) =>
    columnsOf(rowsOf(teacher, centre.length)).map((column, k) => m * centre[k]! + (1 - m) * average(column));
  const expected = {
    classCentre: moved(values.classCentre, values.teacherClass),
    patchCentre: moved(values.patchCentre, values.teacherPatches),
  };
  expect(relativeError(got.classCentre as Float32Array, expected.classCentre)).toBeLessThan(1e-5);
  expect(relativeError(got.patchCentre as Float32Array, expected.patchCentre)).toBeLessThan(1e-5);
});
