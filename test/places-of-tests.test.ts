import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { METHODS } from "afterimage/methods";
import { describe, expect, it } from "vitest";
import { filesImportedBy, filesIn, layerOf, projectRoot } from "./support/source-files.ts";

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");
const isTest = (file: string) => file.endsWith(".test.ts");
const unitTests = filesIn("src").filter(isTest);

/** `a.test.ts` tests `a.ts`, and so does `a.topic.test.ts`. */
const testedBy = (test: string) => join(dirname(test), `${basename(test).split(".")[0]}.ts`);

describe("a unit test", () => {
  it("is beside the file that it tests, and has its name", () => {
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

describe("a long test", () => {
  it("is run by `npm run test:long` and by the gate, and not by `npm test`", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    expect(scripts.test).toBe("vitest run --project=!long");
    expect(scripts["test:long"]).toBe("vitest run --project=long");
    expect(read(".ci/run").match(/^npm (?:test|run test:long)(?= )/gm)).toEqual([
      "npm test",
      "npm run test:long",
    ]);
  });

  it("is never one that compares a method's steps with PyTorch", () => {
    const tests = filesIn("test/methods").filter((file) => isTest(file) && !file.endsWith(".long.test.ts"));
    const steps = tests.map(read).filter((text) => text.includes("support/method-steps.ts"));
    const without = METHODS.filter(({ name }) => !steps.some((text) => text.includes(`"${name}"`)));
    expect(without.map(({ name }) => name)).toEqual([]);
  });
});
