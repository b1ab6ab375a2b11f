import { describe, expect, it } from "vitest";
import { charactersOf, sentencesOf, wordsOf } from "./tokenise.ts";

describe("wordsOf", () => {
  it("has words, numbers and signs, without white space", () => {
    expect(wordsOf("We don't owe $3.14, do we?\n\tNo…")).toEqual([
      "We",
      "don't",
      "owe",
      "$",
      "3.14",
      ",",
      "do",
      "we",
      "?",
      "No",
      "…",
    ]);
  });

  it("makes letters small by the rules of the language", () => {
    expect(wordsOf("ΟΔΟΣ Straße", { lowerCase: true })).toEqual(
      ["οδος", "straße"].map((w) => w.replace(/σ$/, "ς")),
    );
    expect(wordsOf("DIŞ", { lowerCase: true, locale: "tr" })).toEqual(["dış"]);
  });

  it("finds words that are not written apart", () => {
    expect(wordsOf("你好世界", { locale: "zh" })).toEqual(["你好", "世界"]);
  });

  it("gives a long stretch without white space the words that the segmenter gives the whole", () => {
    const text = "我们的国家很大,e.g. 3.14;".replaceAll(" ", "").repeat(300);
    const segmenter = new Intl.Segmenter("zh", { granularity: "word" });
    const whole = Array.from(segmenter.segment(text), ({ segment }) => segment);
    expect(wordsOf(text, { locale: "zh" })).toEqual(whole);
  });

  it("joins at the end of a window what belongs together, wherever the window ends", () => {
    const segmenter = new Intl.Segmenter("en", { granularity: "word" });
    for (let pad = 0; pad < 24; pad++) {
      const text = `${"a,".repeat(245)}${"b".repeat(pad)}don't/3.14/1,234.5/U.S.A./🇩🇪🇫🇷${",c".repeat(300)}`;
      expect(wordsOf(text)).toEqual(Array.from(segmenter.segment(text), ({ segment }) => segment));
    }
  });

  it("refuses a word of 1 MB in a sentence, at once", () => {
    for (const megabyte of ["x".repeat(2 ** 20), "é".repeat(2 ** 20)]) {
      const started = performance.now();
      expect(() => wordsOf(`a word ${megabyte}`)).toThrow(
        /^a word of the text is too long to be one \(it begins with "(x{20}|é{20})"\); expected at most 1000 characters; got at least \d+\. .*`longest`\.$/,
      );
      expect(performance.now() - started).toBeLessThan(2000);
    }
    expect(wordsOf("x".repeat(2000), { longest: 2000 })).toHaveLength(1);
  });

  it.each(["", " \n\t "])("refuses the empty text %j", (text) => {
    for (const cut of [wordsOf, charactersOf, sentencesOf]) {
      expect(() => cut(text)).toThrow(
        "the text is empty; expected at least one word; got white space, or nothing",
      );
      expect(() => cut(text)).toThrow(expect.objectContaining({ code: "data/empty", isUsage: true }));
    }
  });
});

describe("charactersOf", () => {
  it("has characters as readers count them, and one space for white space", () => {
    expect(charactersOf(" ne\u0301 \n👩‍👩‍👧🇩🇪 ")).toEqual(["n", "e\u0301", " ", "👩‍👩‍👧", "🇩🇪"]);
  });
});

describe("sentencesOf", () => {
  it("looks for what follows a sign beyond the end of a window", () => {
    const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
    for (let pad = 0; pad < 24; pad++) {
      const line =
        `${"It is. ".repeat(70)}${"b".repeat(pad)} about No. 12 (34) of them. ${"So be it. ".repeat(40)}`.trim();
      const whole = Array.from(segmenter.segment(line), ({ segment }) => segment.trim());
      expect(sentencesOf(line)).toEqual(whole);
    }
  });

  it("ends sentences at their signs and at the ends of lines", () => {
    expect(sentencesOf("It is so. Is it? Yes\nand no.")).toEqual(["It is so.", "Is it?", "Yes", "and no."]);
  });

  it("gives a long line the sentences that the segmenter gives the whole", () => {
    const line = "It is so, he said. Is it? Yes! ".repeat(100).trim();
    expect(sentencesOf(line)).toEqual(
      Array.from({ length: 300 }, (_, i) => ["It is so, he said.", "Is it?", "Yes!"][i % 3]),
    );
  });
});
