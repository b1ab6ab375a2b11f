import { expect, test } from "vitest";
import { fitLabel, labelText, labelWidth } from "./label-text.ts";

const style = { size: 10 };

test("a name with letters that strokes lack is text in a font, safe for XML", () => {
  expect(labelText("cat", 1, 2, style)).toContain("<path");
  const text = labelText("猫 <&\u0007>", 1, 2, { ...style, anchor: "end", upwards: true });
  expect(text).toContain(">猫 &#60;&#38;&#62;</text>");
  expect(text).toContain('text-anchor="end"');
  expect(text).toContain("rotate(-90 1 2)");
});

test("a name that is too wide is cut to the width, and one that fits keeps its letters on one line", () => {
  expect(fitLabel("two\n lines ", 500, 10)).toBe("two lines");
  for (const name of ["a rather long name of a class", "猫猫猫猫猫猫猫猫猫猫猫猫"]) {
    const cut = fitLabel(name, 80, 10);
    expect(cut).toMatch(/^.+\.\.\.$/u);
    expect(labelWidth(cut, 10)).toBeLessThanOrEqual(80);
    expect(name.startsWith(cut.slice(0, -3))).toBe(true);
  }
});
