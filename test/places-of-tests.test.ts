import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesImportedBy, filesIn, layerOf, projectRoot } from "./support/source-files.ts";

const isTest = (file: string) => file.endsWith(".test.ts");
const unitTests = filesIn("src").filter(isTest);

/** `a.test.ts` tests `a.ts`, and so does `a.topic.test.ts`. */
const testedBy = (test: string) => join(dirname(test), `${basename(test).split(".")[0]}.ts`);

describe("a unit test", () => {
  it("is beside the file that it tests, and bears its name", () => {
    expect(unitTests.filter((test) => !existsSync(join(projectRoot, testedBy(test))))).toEqual([]);
  });

  it("imports from its own folder and those to its left, besides runtime, which executes graphs", () => {
    const wrong = unitTests.flatMap((test) =>
      filesImportedBy(test)
        .filter((file) => file.startsWith("src/") && !file.startsWith("src/runtime/"))
        .filter((file) => layerOf(file) > layerOf(test))
        .map((file) => `${test} imports ${file}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("any other test", () => {
  it("is in test/", () => {
    const elsewhere = ["demo", "quality", "bench", "examples"].flatMap(filesIn).filter(isTest);
    expect(elsewhere).toEqual([]);
  });
});
