import { expect, it } from "vitest";
import { Vocabulary } from "./vocabulary.ts";
import { Windows } from "./windows.ts";

const vocabulary = new Vocabulary(["a", "b", "c"]);
const [end, a, b, c, start] = [1, 2, 3, 4, vocabulary.start] as const;

it("has every word and end with the words before it, and starts before the first", () => {
  const windows = new Windows([["a", "b"], [], ["c", "z"]], vocabulary, 3);
  expect(windows.size).toBe(3 + 1 + 3);
  const { contexts, targets } = windows.read(Int32Array.from({ length: 7 }, (_, i) => i));
  expect([...targets]).toEqual([a, b, end, end, c, 0, end]);
  expect(Array.from({ length: 7 }, (_, row) => [...contexts.subarray(2 * row, 2 * row + 2)])).toEqual([
    [start, start],
    [start, a],
    [a, b],
    [start, start],
    [start, start],
    [start, c],
    [c, 0],
  ]);
  expect([...windows.counts]).toEqual([1, 3, 1, 1, 1]);
});

it("refuses an order without context, and no sentences", () => {
  expect(() => new Windows([["a"]], vocabulary, 1)).toThrow(
    "`order` is out of range; expected a whole number, 2 or more",
  );
  expect(() => new Windows([], vocabulary, 3)).toThrow("the text has no words");
});
