import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesIn, projectRoot } from "./support/source-files.ts";

/** Biome wraps code at this many columns (`lineWidth` in biome.json) and leaves comments as they are. */
const WIDTH = 110;

const isComment = (line: string) => /^\s*(\/\/|\/\*|\*)|\s\/\/ /.test(line);

/** The numbers, from 1, of the lines with a comment that are too long. */
const longComments = (text: string) =>
  text.split("\n").flatMap((line, at) => (line.length > WIDTH && isComment(line) ? [at + 1] : []));

describe("a comment", () => {
  const long = "x".repeat(WIDTH);

  it("is found by these tests anywhere in a line", () => {
    expect(longComments(`/** ${long} */\n/**\n * ${long}\n */\n// ${long}\nrun(); // ${long}`)).toEqual([
      1, 3, 5, 6,
    ]);
    expect(longComments(`// short\nconst text = "${long}";`)).toEqual([]);
  });

  it(`is at most ${WIDTH} columns wide`, () => {
    const files = ["src", "test", "quality", "bench", "demo", "examples"].flatMap(filesIn);
    const wide = files.flatMap((file) =>
      longComments(readFileSync(join(projectRoot, file), "utf8")).map((line) => `${file}:${line}`),
    );
    expect(wide).toEqual([]);
  });
});
