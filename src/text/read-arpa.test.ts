import { describe, expect, it } from "vitest";
import { modifiedKneserNey } from "./kneser-ney.ts";
import { NgramCounts } from "./ngram-counts.ts";
import { readArpa } from "./read-arpa.ts";
import { Vocabulary } from "./vocabulary.ts";
import { writeArpa } from "./write-arpa.ts";

const sentences = [
  ["a", "b", "a"],
  ["b", "a"],
];
const vocabulary = Vocabulary.of(sentences);
const arpa = writeArpa(modifiedKneserNey(NgramCounts.of(sentences, { vocabulary, order: 3 })));

describe("an ARPA file that is cut short", () => {
  const lines = arpa.trimEnd().split("\n");

  it.each(Array.from(lines.keys()))("after line %i is refused in a sentence", (count) => {
    const read = () => readArpa(lines.slice(0, count).join("\n"));
    expect(read).toThrow(
      /^the ARPA file is cut short \(after line \d+\); expected .+; got the end of the file\. Copy/,
    );
    expect(read).toThrow(expect.objectContaining({ code: "data/format" }));
  });

  it("whose header promises more than any memory holds is refused", () => {
    expect(() =>
      readArpa("\\data\\\nngram 1=1\nngram 2=999999999999999\n\n\\1-grams:\n-1 a 0\n\\2-grams:\n-1 a a\n"),
    ).toThrow("expected n-gram 2 of 999999999999999 of 2 words");
  });

  it("in the middle of a line is refused", () => {
    for (let end = 1; end < arpa.trimEnd().length; end++)
      expect(() => readArpa(arpa.slice(0, end))).toThrow(/ARPA/);
  });
});

describe("a file that is no ARPA file", () => {
  it.each([
    ["hello\n", 'this is no ARPA file (line 1); expected the line \\data\\; got "hello"'],
    ["\\data\\\nngram 2=1\n", "(line 2); expected ngram 1=…"],
    ["\\data\\\nngram 1=1\n\n\\1-grams:\n-0.1 a b c\n", "(line 5); expected n-gram 1 of 1 of 1 words"],
    ["\\data\\\nngram 1=1\n\n\\1-grams:\n0.5 a\n", "(line 5); expected n-gram 1 of 1 of 1 words"],
    ["\\data\\\nngram 1=1\n\n\\1-grams:\n-1 a\n-1 b\n", "(line 6); expected the line \\end\\"],
    [
      "\\data\\\nngram 1=2\nngram 2=1\nngram 3=1\n\\1-grams:\n-1 a 0\n-1 b 0\n\\2-grams:\n-1 a b 0\n\\3-grams:\n-1 b a b\n\\end\\",
      'expected the n-gram "b a" before a longer one',
    ],
  ])("%j is refused with its line", (text, message) => {
    expect(() => readArpa(text)).toThrow(message);
  });
});

it("reads a file of lines, without the words for what is unknown and marked", () => {
  const lines = ["\\data\\", "ngram 1=2", "", "\\1-grams:", "-0.30103 a", "-0.30103\tb", "\\end\\"];
  const model = readArpa(lines);
  expect([model.marks, model.order]).toEqual([false, 1]);
  expect([0, 1, 2, 3].map((id) => Number(model.probability([], id).toFixed(6)))).toEqual([0, 0, 0.5, 0.5]);
});
