import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DivideOptions, divideLabelled, type LabelledDivision } from "./divide-labelled.ts";
import type { Answers } from "./label-task.ts";

const K = 2;
const rowsOf = (data: readonly number[]) => ({
  rows: data.length / K,
  cols: K,
  data: Float32Array.from(data),
});
const task = (kind: Answers["kind"]) => ({ kind, names: ["cat", "dog"] });

/** Labelled pictures of each kind; every class and label has eight or more. */
const pictures: fc.Arbitrary<Answers> = fc.integer({ min: 10, max: 60 }).chain((more) => {
  const marks = fc.array(fc.nat(1), { minLength: more * K, maxLength: more * K });
  const numbers = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: more * K, maxLength: more * K });
  return fc.oneof(
    marks.map((own): Answers => {
      const certain = Array.from({ length: 16 }, (_, i) => i % 2);
      return { kind: "classes", classes: Int32Array.from([...certain, ...own]) };
    }),
    marks.map(
      (own): Answers => ({ kind: "several", rows: rowsOf([...new Array<number>(16).fill(1), ...own]) }),
    ),
    numbers.map((own): Answers => ({ kind: "numbers", rows: rowsOf(own) })),
  );
});
const sizeOf = (answers: Answers) =>
  answers.kind === "classes" ? answers.classes.length : answers.rows.rows;
const namesOf = (answers: Answers) => Array.from({ length: sizeOf(answers) }, (_, i) => `${i}.png`);
const divide = (answers: Answers, more: Partial<DivideOptions> = {}) =>
  divideLabelled({ task: task(answers.kind), answers, names: namesOf(answers), own: null, seed: 1, ...more });
const sorted = (places: Iterable<number>) => [...places].sort((a, b) => a - b);

function reordered(answers: Answers, order: readonly number[]): Answers {
  if (answers.kind === "classes")
    return { kind: "classes", classes: Int32Array.from(order, (at) => answers.classes[at]!) };
  const moved = order.flatMap((at) => [...answers.rows.data.subarray(at * K, (at + 1) * K)]);
  return { ...answers, rows: rowsOf(moved) };
}

describe("a division of labelled pictures", () => {
  test("has every picture once, a fifth of them for validation, and no test part of its own", () => {
    fc.assert(
      fc.property(pictures, fc.nat(20), (answers, seed) => {
        const { training, validation, test: tested } = divide(answers, { seed });
        expect(sorted([...training, ...validation])).toEqual([...Array(sizeOf(answers)).keys()]);
        expect(tested).toHaveLength(0);
        expect([...training]).toEqual(sorted(training));
        const fifth = sizeOf(answers) / 5;
        // Rounded in every stratum, of which there are ten at most.
        expect(Math.abs(validation.length - fifth)).toBeLessThanOrEqual(5);
      }),
      { seed: 1 },
    );
  });

  test("is the same in any order of the pictures with their names, and another for another seed", () => {
    fc.assert(
      fc.property(
        pictures.chain((answers) => {
          const all = [...Array(sizeOf(answers)).keys()];
          const order = fc.shuffledSubarray(all, { minLength: all.length });
          return fc.tuple(fc.constant(answers), order);
        }),
        ([answers, order]) => {
          const groups = order.map((_, at) => Math.floor(at / 2));
          const names = namesOf(answers);
          const labels = { share: 0.5 };
          const straight = divide(answers, { groups, labels });
          const moved = divide(reordered(answers, order), {
            names: order.map((at) => names[at]!),
            groups: order.map((at) => groups[at]!),
            labels,
          });
          for (const part of ["training", "validation"] as const)
            expect(sorted([...moved[part]].map((at) => order[at]!))).toEqual([...straight[part]]);
        },
      ),
      { seed: 2 },
    );
    const classes = Int32Array.from({ length: 60 }, (_, i) => i % 2);
    expect(divide({ kind: "classes", classes }, { seed: 3 })).not.toEqual(
      divide({ kind: "classes", classes }, { seed: 4 }),
    );
  });

  test("takes few labels from what trains: nested, and the rest stays as it is", () => {
    fc.assert(
      fc.property(pictures, (answers) => {
        const of = (share: number) => divide(answers, { labels: { share } });
        const [few, more, all] = [of(0.3), of(0.6), divide(answers)];
        for (const { validation } of [few, more]) expect(validation).toEqual(all.validation);
        expect([...few.training].every((at) => more.training.includes(at))).toBe(true);
        expect([...more.training].every((at) => all.training.includes(at))).toBe(true);
      }),
      { seed: 3 },
    );
  });

  test("has near-copies on one side", () => {
    fc.assert(
      fc.property(pictures, fc.array(fc.nat(9), { minLength: 140, maxLength: 140 }), (answers, some) => {
        const groups = some.slice(0, sizeOf(answers));
        let parts: LabelledDivision;
        try {
          parts = divide(answers, { groups, share: 0.3 });
        } catch (error) {
          expect(String(error)).toContain("no picture can be held out");
          return;
        }
        const trained = new Set([...parts.training].map((at) => groups[at]));
        expect([...parts.validation].some((at) => trained.has(groups[at]))).toBe(false);
      }),
      { seed: 4 },
    );
  });

  test("validates with the same share of each class, and of each tenth of the numbers", () => {
    const classes = Int32Array.from({ length: 200 }, (_, i) => (i < 150 ? 0 : 1));
    const { validation } = divide({ kind: "classes", classes });
    expect([0, 1].map((own) => validation.filter((at) => classes[at] === own).length)).toEqual([30, 10]);
    const rows = rowsOf(Array.from({ length: 200 }, (_, i) => [(i * 37) % 200, 0]).flat());
    const drawn = divide({ kind: "numbers", rows }).validation;
    for (let tenth = 0; tenth < 10; tenth++)
      expect(drawn.filter((at) => Math.floor(rows.data[at * K]! / 20) === tenth)).toHaveLength(4);
  });

  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const classes = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const answers: Answers = { kind: "classes", classes };

  test("keeps a data set's own parts, and draws a validation part only where it has none", () => {
    const whole = { training: range(0, 20), validation: range(20, 30), test: range(30, 40) };
    expect(divide(answers, { own: whole })).toEqual(whole);
    const drawn = divide(answers, { own: { ...whole, validation: null } });
    expect(sorted([...drawn.training, ...drawn.validation])).toEqual([...range(0, 20)]);
    expect(drawn.validation).toHaveLength(4);
    expect(drawn.test).toEqual(whole.test);
    expect(divide(answers, { own: { ...whole, test: null } }).test).toHaveLength(0);
    const few = divide(answers, { own: whole, labels: { perClass: 3 } });
    expect([few.training.length, few.validation.length, few.test.length]).toEqual([6, 10, 10]);
  });

  test("refuses a class or label that only another part has, with a picture of it", () => {
    const lone = Int32Array.from(classes, (label, i) => (i < 30 ? 0 : label));
    const own = { training: range(0, 20), validation: range(20, 30), test: range(30, 40) };
    expect(() => divide({ kind: "classes", classes: lone }, { own })).toThrow(
      "the test part has a class that no training picture has (class dog, for example 31.png)",
    );
    const rows = rowsOf([...lone].flatMap((label) => [1, label]));
    expect(() =>
      divide({ kind: "several", rows }, { own: { ...own, validation: range(30, 40), test: null } }),
    ).toThrow("the validation part has a label that no training picture has (label dog, for example 31.png)");
    expect(divide({ kind: "numbers", rows }, { own })).toEqual(own);
  });

  test("refuses to hold out the only picture of every class, and shares out of range", () => {
    expect(() => divide({ kind: "classes", classes: Int32Array.of(0, 1) })).toThrow(
      "no picture can be held out for validation",
    );
    expect(() => divide(answers, { groups: new Int32Array(40) })).toThrow("no picture can be held out");
    expect(() => divide(answers, { share: 0 })).toThrow("above 0");
  });
});
