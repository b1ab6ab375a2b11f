import { describe, expect, test } from "vitest";
import { divideForStudent } from "./divide-for-student.ts";
import { divideLabelled } from "./divide-labelled.ts";

const places = (...all: number[]) => Int32Array.from(all);
const N = 60;
const task = { kind: "classes", names: ["a", "b"] } as const;
/** Every third picture has no label. */
const labels = Int32Array.from({ length: N }, (_, at) => (at % 3 === 2 ? -1 : at % 3));
const labelled = Int32Array.from(labels.keys()).filter((at) => labels[at]! >= 0);
const names = Array.from({ length: N }, (_, at) => `picture ${at}`);
const answers = { kind: "classes", classes: labels } as const;
const given = { task, answers, names, labelled, own: null, seed: 4 };

describe("divideForStudent", () => {
  test("holds out the pictures that a teacher with the same labels holds out; all others train", () => {
    const teacher = divideLabelled({
      ...{ task, own: null, seed: 4, names: [...labelled].map((at) => names[at]!) },
      answers: { kind: "classes", classes: labelled.map((at) => labels[at]!) },
    });
    const { training, validation, taught, test: tested, copies } = divideForStudent(given);
    expect(validation).toEqual(teacher.validation.map((row) => labelled[row]!));
    expect([...training, ...validation].sort((x, y) => x - y)).toEqual([...names.keys()]);
    expect(taught).toEqual(training.filter((at) => labels[at]! >= 0));
    expect({ tested, copies }).toEqual({ tested: places(), copies: 0 });
  });

  test("leaves out pictures that are near-copies of held-out ones, labelled or not", () => {
    // Each picture without a label is a near-copy of the one before it.
    const groups = Array.from({ length: N }, (_, at) => (at % 3 === 2 ? at - 1 : at));
    const { training, validation, copies } = divideForStudent({ ...given, groups });
    const held = new Set(Array.from(validation, (at) => groups[at]!));
    expect(copies).toBeGreaterThan(0);
    expect(training.some((at) => held.has(groups[at]!))).toBe(false);
    expect(training.length + validation.length + copies).toBe(N);
  });

  test("keeps the pictures' own parts: unlabelled ones of a test part neither train nor test", () => {
    const own = { training: places(0, 1, 2, 3, 4, 5), validation: places(6, 7, 8), test: places(9, 10, 11) };
    const division = divideForStudent({ ...given, own });
    expect(division).toEqual({
      ...{ training: own.training, taught: places(0, 1, 3, 4) },
      ...{ validation: places(6, 7), test: places(9, 10), copies: 0 },
    });
  });

  test("takes few labels from those that train, nested, and leaves the division as it is", () => {
    const all = divideForStudent(given);
    const few = divideForStudent({ ...given, labels: { perClass: 2 } });
    const more = divideForStudent({ ...given, labels: { perClass: 5 } });
    expect({ ...few, taught: 0 }).toEqual({ ...all, taught: 0 });
    expect([few, more].map(({ taught }) => taught.length)).toEqual([4, 10]);
    for (const at of few.taught) expect(more.taught).toContain(at);
    for (const at of more.taught) expect(all.taught).toContain(at);
  });

  test("holds out nothing where nothing is labelled", () => {
    const { training, taught, validation } = divideForStudent({ ...given, labelled: places() });
    expect([training.length, taught.length, validation.length]).toEqual([N, 0, 0]);
  });
});
