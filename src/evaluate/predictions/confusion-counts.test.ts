import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfusionCounts } from "./confusion-counts.ts";
import { confusionMatrix } from "./confusion-matrix.ts";

const pairs = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 60 });
const sides = (rows: readonly (readonly [number, number])[]) =>
  [Uint8Array.from(rows, ([label]) => label), Uint8Array.from(rows, ([, guess]) => guess)] as const;

describe("counts of pixels", () => {
  test("are those of the confusion matrix, in whatever pieces they come", () => {
    fc.assert(
      fc.property(pairs, fc.nat(60), (rows, cut) => {
        const [once, first, second] = [0, 0, 0].map(() => new ConfusionCounts({ classes: 5 }));
        const whole = sides(rows);
        once!.add(...whole);
        first!.add(...sides(rows.slice(0, cut)));
        second!.add(...sides(rows.slice(cut)));
        first!.merge(second!);
        expect([...once!.counts]).toEqual([...confusionMatrix(...whole, 5)]);
        expect([...first!.counts]).toEqual([...once!.counts]);
      }),
      { seed: 1 },
    );
  });

  test("leave out places of ignored labels, whatever was predicted there", () => {
    const counts = new ConfusionCounts({ classes: 3, ignored: [255, 1] });
    counts.add([0, 255, 1, 2, 2], [0, 200, -7, 1, 2]);
    expect([...counts.counts]).toEqual([1, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  test("stay exact beyond 2^32", () => {
    const counts = new ConfusionCounts({ classes: 1 });
    counts.counts[0] = 2 ** 40;
    const more = new ConfusionCounts({ classes: 1 });
    more.add(new Uint8Array(3), new Uint8Array(3));
    counts.merge(more);
    expect(counts.counts[0]).toBe(2 ** 40 + 3);
  });

  test("refuse what is no class, and then count nothing", () => {
    const counts = new ConfusionCounts({ classes: 3, ignored: [9] });
    const wrong: [number[], number[], string][] = [
      [[0, 3], [0, 0], "a label is no class (place 1); expected an integer from 0 to 2, or one of 9; got 3"],
      [[0, 8], [0, 0], "a label is no class (place 1)"],
      [[0, -1], [0, 0], "got -1"],
      [[0, 0.5], [0, 0], "a label is no class (place 1)"],
      [[0, 1], [0, 9], "a prediction is no class (place 1); expected an integer from 0 to 2; got 9"],
      [[0, 1], [0, 1.5], "a prediction is no class"],
      [[0, 1], [0, Number.NaN], "a prediction is no class"],
      [[0, 1], [0], "2 of them, one a label; got 1"],
    ];
    for (const [labels, predictions, message] of wrong)
      expect(() => counts.add(labels, predictions)).toThrow(message);
    expect(counts.counts.every((count) => count === 0)).toBe(true);
    expect(() => counts.merge(new ConfusionCounts({ classes: 3 }))).toThrow(
      "ignored 9; got 3 classes, ignored none",
    );
    expect(() => new ConfusionCounts({ classes: 0 })).toThrow("an integer, 1 or more");
  });
});
