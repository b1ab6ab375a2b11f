import { describe, expect, it } from "vitest";
import { Vocabulary } from "./vocabulary.ts";

const sentences = [
  ["b", "a", "c", "a"],
  ["c", "a", "d"],
];

describe("a vocabulary", () => {
  it("has the unknown word, the end, words by count, and the start, which is not predicted", () => {
    const { words, size, start } = Vocabulary.of(sentences);
    expect(words).toEqual(["<unk>", "</s>", "a", "c", "b", "d", "<s>"]);
    expect([size, start]).toEqual([6, 6]);
  });

  it("is cut by size or count, and knows no mark of the text", () => {
    expect(Vocabulary.of(sentences, { size: 4 }).words).toEqual(["<unk>", "</s>", "a", "c", "<s>"]);
    expect(Vocabulary.of(sentences, { leastCount: 3 }).words).toEqual(["<unk>", "</s>", "a", "<s>"]);
    expect(Vocabulary.of([["<s>", "a", "</s>", "<unk>"]]).words).toEqual(["<unk>", "</s>", "a", "<s>"]);
  });

  it("turns words into numbers and back", () => {
    const vocabulary = Vocabulary.of(sentences);
    expect([...vocabulary.encode(["a", "zebra", "constructor", "d"])]).toEqual([2, 0, 0, 5]);
    expect(vocabulary.decode([2, 0, 5, 99])).toEqual(["a", "<unk>", "d", "<unk>"]);
    expect([vocabulary.has("a"), vocabulary.has("zebra")]).toEqual([true, false]);
  });

  it("refuses a word twice, a mark, and sizes that leave no word", () => {
    expect(() => new Vocabulary(["a", "a"])).toThrow('a vocabulary has a word twice ("a")');
    expect(() => new Vocabulary(["<s>"])).toThrow('a vocabulary has a mark for a word ("<s>")');
    expect(() => Vocabulary.of(sentences, { size: 2 })).toThrow("`size` is out of range");
    expect(() => Vocabulary.of(sentences, { leastCount: 0 })).toThrow("`leastCount` is out of range");
    expect(() => Vocabulary.of(sentences, { leastCount: 9 })).toThrow(
      "the text has no word for the vocabulary; expected a word that occurs 9 times or more",
    );
  });
});
