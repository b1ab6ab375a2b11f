import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LabelAmount, type LabelledSubset, parseLabelAmount, takeLabels } from "./label-amount.ts";
import type { Answers } from "./label-task.ts";

describe("an amount of labels", () => {
  test.each([
    ["1%", { share: 0.01 }],
    ["10 %", { share: 0.1 }],
    ["0.5%", { share: 0.005 }],
    ["100%", { share: 1 }],
    [" 20-per-class ", { perClass: 20 }],
  ])("is read from %s", (text, amount) => expect(parseLabelAmount(text)).toEqual(amount));

  test.each([
    "0%",
    "101%",
    "10",
    "0-per-class",
    "1.5-per-class",
    "-1%",
    "ten",
    "",
    "%",
    "9e9%",
    "20 per day",
  ])("is refused by its name for %j", (text) => {
    expect(() => parseLabelAmount(text)).toThrow("`labels` is no amount of labels");
    expect(() => parseLabelAmount(text)).toThrow(`got "${text}"`);
  });
});

const N = 120;
const K = 3;
const task = (kind: Answers["kind"]) => ({ kind, names: ["a", "b", "c"] });
const names = Array.from({ length: N }, (_, i) => `${i}.png`);
const rowsOf = (data: readonly number[]) => ({
  rows: data.length / K,
  cols: K,
  data: Float32Array.from(data),
});

/** Answers of every kind, in which each class or label has ten pictures or more. */
const answers: fc.Arbitrary<Answers> = fc.oneof(
  fc.array(fc.nat(2), { minLength: N - 30, maxLength: N - 30 }).map((own): Answers => {
    const certain = Array.from({ length: 30 }, (_, i) => i % 3);
    return { kind: "classes", classes: Int32Array.from([...certain, ...own]) };
  }),
  fc.array(fc.nat(1), { minLength: (N - 10) * K, maxLength: (N - 10) * K }).map((own): Answers => {
    return { kind: "several", rows: rowsOf([...new Array<number>(10 * K).fill(1), ...own]) };
  }),
  fc
    .array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: N * K, maxLength: N * K })
    .map((own): Answers => ({ kind: "numbers", rows: rowsOf(own) })),
);
const training = fc
  .uniqueArray(fc.integer({ min: 30, max: N - 1 }), { minLength: 20 })
  .map((more) => Int32Array.from([...Array(30).keys(), ...more]).sort());

const take = (given: Answers, places: Int32Array, amount: LabelAmount, more: Partial<LabelledSubset> = {}) =>
  takeLabels({ task: task(given.kind), answers: given, training: places, amount, seed: 1, names, ...more });
const isWithin = (small: Int32Array, large: Int32Array) => small.every((place) => large.includes(place));

/** The pictures in another order, with their names and answers. */
function reordered(given: Answers, order: readonly number[]): Answers {
  if (given.kind === "classes")
    return { kind: "classes", classes: Int32Array.from(order, (at) => given.classes[at]!) };
  const { cols, data } = given.rows;
  const moved = order.flatMap((at) => [...data.subarray(at * cols, (at + 1) * cols)]);
  return { ...given, rows: rowsOf(moved) };
}

describe("the pictures that keep their labels", () => {
  test("are training pictures, ascending, and lie in those of any larger amount", () => {
    fc.assert(
      fc.property(answers, training, fc.double({ min: 0.1, max: 1, noNaN: true }), (given, places, share) => {
        const [few, more] = [take(given, places, { share: 0.1 }), take(given, places, { share })];
        expect(isWithin(few, more) && isWithin(more, places)).toBe(true);
        expect(more).toEqual(Int32Array.from(new Set(more)).sort());
        expect(take(given, places, { share: 1 })).toEqual(places);
        if (given.kind !== "classes") expect(more).toHaveLength(Math.round(share * places.length));
        if (given.kind === "numbers") return;
        const [four, nine] = [take(given, places, { perClass: 4 }), take(given, places, { perClass: 9 })];
        expect(isWithin(four, nine) && isWithin(nine, places)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  test("are the same in any order of the pictures, and others for another seed", () => {
    fc.assert(
      fc.property(answers, fc.shuffledSubarray([...Array(N).keys()], { minLength: N }), (given, order) => {
        const places = Int32Array.from(Array(N).keys());
        const moved = { names: order.map((at) => names[at]!) };
        const again = take(reordered(given, order), places, { share: 0.2 }, moved);
        const straight = take(given, places, { share: 0.2 });
        expect(Int32Array.from(again, (at) => order[at]!).sort()).toEqual(straight);
        expect(take(given, places, { share: 0.2 }, { seed: 2 })).not.toEqual(straight);
      }),
      { seed: 2 },
    );
  });

  test("are as many of each label as asked for, or more where a picture has several", () => {
    fc.assert(
      fc.property(answers, (given) => {
        if (given.kind !== "several") return;
        const own = take(given, Int32Array.from(Array(N).keys()), { perClass: 6 });
        for (let k = 0; k < K; k++)
          expect(own.filter((at) => given.rows.data[at * K + k] === 1).length).toBeGreaterThanOrEqual(6);
        expect(own.length).toBeLessThanOrEqual(6 * K);
      }),
      { seed: 3 },
    );
  });

  test("are spread over the range of numbers, and over labels by the rarest", () => {
    const places = Int32Array.from({ length: 1000 }, (_, i) => i);
    const many = { names: Array.from(places, String), training: places };
    const rows = { rows: 1000, cols: 1, data: Float32Array.from(places, (i) => (i * 37) % 1000) };
    const own = take({ kind: "numbers", rows }, places, { share: 0.1 }, many);
    for (let tenth = 0; tenth < 10; tenth++) {
      const here = own.filter((at) => Math.floor(rows.data[at]! / 100) === tenth).length;
      expect(Math.abs(here - 10)).toBeLessThanOrEqual(1);
    }
    const rare = rowsOf([...places].flatMap((i) => [1, i % 2, i % 20 === 0 ? 1 : 0]));
    const some = take({ kind: "several", rows: rare }, places, { share: 0.1 }, many);
    const ofRare = some.filter((at) => rare.data[at * K + 2] === 1).length;
    expect(Math.abs(ofRare - 5)).toBeLessThanOrEqual(1);
  });

  test("are refused where there are too few, with the name of the class", () => {
    const places = Int32Array.from({ length: 40 }, (_, i) => i);
    const classes = Int32Array.from(places, (i) => (i < 39 ? i % 2 : 2));
    expect(() => take({ kind: "classes", classes }, places, { share: 0.01 })).toThrow(
      "a class has too few pictures for this subset of the labels (class a); expected a share that is at least half a picture of 20; got 0.01",
    );
    expect(() => take({ kind: "classes", classes }, places, { perClass: 2 })).toThrow(
      "(class c); expected 2 pictures; got 1",
    );
    const rows = rowsOf([...places].flatMap((i) => [1, i % 2, i === 7 ? 1 : 0]));
    expect(() => take({ kind: "several", rows }, places, { perClass: 2 })).toThrow(
      "(label c); expected 2 pictures; got 1",
    );
    expect(() => take({ kind: "several", rows }, places, { share: 0.01 })).toThrow(
      "less than half a picture (40 training pictures)",
    );
    expect(() => take({ kind: "numbers", rows }, places, { perClass: 2 })).toThrow(
      "`labels` cannot be a number for each class",
    );
  });
});
