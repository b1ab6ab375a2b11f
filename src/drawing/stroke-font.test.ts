import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { strokeText, textWidth } from "./stroke-font.ts";

const labels = (svg: string) => [...svg.matchAll(/aria-label="([^"]*)"/g)].map((match) => match[1]);

describe("text as strokes", () => {
  test("has a glyph of its own for every printable ASCII letter", () => {
    const box = /d="([^"]*)"/.exec(strokeText("\u2603", 0, 0, { size: 10 }))![1]!;
    const paths = Array.from({ length: 94 }, (_, i) =>
      strokeText(String.fromCharCode(33 + i), 0, 0, { size: 10 }),
    );
    for (const path of paths) expect(path).not.toContain(box);
    expect(new Set(paths.map((path) => / d="([^"]*)"/.exec(path)![1])).size).toBe(94);
  });

  test("is as wide as its letters and the gaps between them", () => {
    expect(textWidth("", 14)).toBe(0);
    const gap = textWidth("ll", 14) - 2 * textWidth("l", 14);
    expect(textWidth("note", 14)).toBeCloseTo(
      [..."note"].reduce((sum, letter) => sum + textWidth(letter, 14), 3 * gap),
      10,
    );
    expect(textWidth("note", 28)).toBeCloseTo(2 * textWidth("note", 14), 10);
  });

  test("says in letters what it draws, made safe for XML", () => {
    expect(labels(strokeText(`a<b & "c"`, 0, 0, { size: 10 }))).toEqual(["a&#60;b &#38; &#34;c&#34;"]);
  });

  test("ends or centres where it is asked to", async () => {
    const inkFrom = async (anchor: "start" | "middle" | "end") => {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="30">${strokeText("HH", 100, 20, { size: 14, anchor })}</svg>`;
      const alpha = await sharp(Buffer.from(svg)).extractChannel(3).raw().toBuffer();
      const columns = Array.from({ length: 200 }, (_, x) => x).filter((x) => alpha[15 * 200 + x]! > 100);
      return [columns[0]!, columns.at(-1)!];
    };
    const [start, middle, end] = [await inkFrom("start"), await inkFrom("middle"), await inkFrom("end")];
    expect(Math.abs(start[0]! - 100)).toBeLessThanOrEqual(1);
    expect(Math.abs((middle[0]! + middle[1]!) / 2 - 100)).toBeLessThanOrEqual(1);
    expect(Math.abs(end[1]! - 100)).toBeLessThanOrEqual(1);
  });
});
