import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeCsv, looksLikeFormula } from "./csv.ts";

/** Reads the format of RFC 4180 character by character. */
function decode(text: string): string[][] {
  const rows: string[][] = [];
  let [fields, field, isQuoted]: [string[], string, boolean] = [[], "", false];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (isQuoted && letter === '"' && text[at + 1] === '"') field += text[++at]!;
    else if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && letter === ",") [fields, field] = [[...fields, field], ""];
    else if (!isQuoted && letter === "\r" && text[at + 1] === "\n") {
      rows.push([...fields, field]);
      [fields, field] = [[], ""];
      at++;
    } else field += letter;
  }
  return rows;
}

test("fields are quoted where they must be, and only there", () => {
  const rows = [
    ["name", "label"],
    ["a, b.png", 'so "called"'],
    ["two\nlines.png", " x"],
  ];
  expect(encodeCsv(rows)).toBe('name,label\r\n"a, b.png","so ""called"""\r\n"two\nlines.png"," x"\r\n');
});

test("any table comes back as it was", () => {
  const fields = fc.array(fc.array(fc.string({ unit: "binary" }), { minLength: 2, maxLength: 2 }));
  fc.assert(
    fc.property(fields, (rows) => {
      expect(decode(encodeCsv(rows))).toEqual(rows);
    }),
  );
});

test("formulas are recognised, and numbers are none", () => {
  for (const field of ["=1+1", "@SUM(1)", "-x", "+cat", "\t=1", "\uFF1D1"])
    expect(looksLikeFormula(field)).toBe(true);
  for (const field of ["-1", "+2.5", "-1e-3", "cat", "a=1", ""]) expect(looksLikeFormula(field)).toBe(false);
});
