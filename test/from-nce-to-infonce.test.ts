/** docs/from-nce-to-infonce.md: every formula stands beside a line of code that is in its file. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as losses from "afterimage/losses";
import * as text from "afterimage/text";
import { describe, expect, it } from "vitest";
import { projectRoot } from "./support/source-files.ts";

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");
const page = read("docs/from-nce-to-infonce.md");

/** Rows of formula, line and file. In a table, the code's own bars are written with a backslash. */
const rows = [...page.matchAll(/^\| (.+) \| `(.+)` \| \[(.+)\]\(\.\.\/(src\/.+)\) \|$/gm)].map(
  ([, formula, line, name, file]) => ({
    formula: formula!,
    line: line!.replaceAll("\\|", "|"),
    name: name!,
    file: file!,
  }),
);

describe("docs/from-nce-to-infonce.md", () => {
  it("has a row for every formula of its tables", () => {
    const lines = page.split("\n").filter((line) => line.includes("](../src/"));
    expect(rows).toHaveLength(lines.length);
    expect(rows.length).toBeGreaterThan(20);
  });

  it.each(rows)("$formula is a line of $file", ({ line, name, file }) => {
    expect(file.endsWith(`/${name}`)).toBe(true);
    expect(
      read(file)
        .split("\n")
        .map((each) => each.trim()),
    ).toContain(line);
  });

  it("names objectives and losses that there are", () => {
    const heads = /^\| \| words: .*$/m.exec(page)![0];
    const names = [...heads.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
    expect(names).toHaveLength(4);
    for (const name of names) expect({ ...text, ...losses }).toHaveProperty(name);
  });

  it("links to files that there are", () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !existsSync(join(projectRoot, "docs", link)))).toEqual([]);
  });
});
