/** `npm run quality -- --text` on few words. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CommanderError } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAddresses, splitByTime } from "../../quality/text/addresses.ts";
import { doTextRun, textTask } from "../../quality/text/do-text-run.ts";
import { parseTextOptions } from "../../quality/text/options.ts";
import { plotOf } from "../../quality/text/plot.ts";
import { withTextResults } from "../../quality/text/report.ts";
import {
  hasTextResult,
  readTextResults,
  type TextResult,
  writeTextResult,
} from "../../quality/text/result.ts";
import { WAYS } from "../../quality/text/ways.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "afterimage-quality-text-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SENTENCES = ["We meet again.", "The state of the union is good.", "The people are well.", "It is so."];

describe("the flags", () => {
  it("ask for all without any", () => {
    expect(parseTextOptions(["--text"])).toMatchObject({
      ...{ vocabularies: [1000, 5000, 20_000, 50_000], ways: null, seed: 0, force: false },
      ...{ results: "quality/text/results", report: "docs/from-nce-to-infonce.md" },
    });
  });

  it.each([
    [["--vocabularies", "1000,2"], /whole numbers, 3 or more/],
    [["--ways", "nce,sofmax"], /sofmax is not one of kneser-ney, .*softmax/],
    [["--seed", "-1"], /whole number, 0 or more/],
    [["--methods", "simclr"], /unknown option '--methods'/],
  ])("%s is a mistake in the call", (words, message) => {
    expect(() => parseTextOptions(["--text", ...words])).toThrow(CommanderError);
    expect(() => parseTextOptions(["--text", ...words])).toThrow(message);
  });
});

describe("the addresses", () => {
  it("are read in the order of their years, the last tenth of the words apart", async () => {
    for (let i = 0; i < 20; i++)
      await writeFile(
        path.join(folder, `${1900 + i}_name_r.txt`),
        `${SENTENCES.join(" ")} Year ${1900 + i}.`,
      );
    const { training, test, addresses } = await readAddresses(folder);
    expect(addresses).toBe(20);
    expect(training.slice(0, 2)).toEqual([
      ["We", "meet", "again", "."],
      ["The", "state", "of", "the", "union", "is", "good", "."],
    ]);
    expect([training.length, test.length]).toEqual([90, 10]);
    expect(test.at(-1)).toEqual(["Year", "1919", "."]);
  });

  it("are divided between addresses", () => {
    const address = (words: number) => [Array.from({ length: words }, () => "w")];
    expect(
      splitByTime([address(50), address(39), address(8), address(3)]).map((part) => part.length),
    ).toEqual([2, 2]);
  });

  it("that are not there are told, with what to do", async () => {
    const missing = path.join(folder, "none");
    await expect(readAddresses(missing)).rejects.toMatchObject({ code: "data/missing", isUsage: true });
    await expect(readAddresses(missing)).rejects.toThrow(/are not there \(.*none\)\. Install them by/);
  });
});

describe("a run", () => {
  it("of every way leaves a whole file, from which page and plot are written again and again", async () => {
    const task = textTask(await readAddresses(folder), 40);
    expect([task.size, task.known]).toEqual([40, 37]);
    const results = path.join(folder, "results");
    for (const way of WAYS) {
      const run = { vocabulary: 40, way: way.name, seed: 0 };
      expect(hasTextResult(results, run)).toBe(false);
      await writeTextResult(results, await doTextRun(way, task, 0));
      expect(hasTextResult(results, run)).toBe(true);
    }
    const read = await readTextResults(results);
    expect(read).toHaveLength(WAYS.length);
    for (const { perplexity } of read) expect(perplexity).toBeLessThan(40);
    const of = (name: string) => read.find(({ way }) => way === name)!;
    expect(of("negative-sampling").bare).toBeGreaterThan(of("negative-sampling").perplexity);
    // Half of each is at least half of the better one, word by word.
    expect(of("nce").mixed).toBeLessThan(2 * of("modified-kneser-ney").perplexity);

    const page =
      "# Page\n\n<!-- results of npm run quality -- --text -->\nold\n<!-- end of results -->\n\nEnd\n";
    const written = withTextResults(page, read);
    expect(written).toMatch(/^# Page\n.*\*\*V = 40\.\*\*.*\| NCE +\|.*\nEnd\n$/s);
    expect(written).not.toContain("old");
    expect(withTextResults(written, read)).toBe(written);
    expect(withTextResults("no marks", read)).toBe("no marks");
    expect(plotOf(read)).toMatch(/^<svg .*<\/svg>\s*$/s);
  });

  it("whose file is no result is told", async () => {
    const results = path.join(folder, "broken");
    await writeTextResult(results, { vocabulary: 1, way: "x", seed: 0 } as TextResult);
    await expect(readTextResults(results)).rejects.toThrow(
      /not the result of a run on text .*Remove the file/,
    );
  });
});
