import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import * as losses from "../src/losses/index.ts";

const root = join(import.meta.dirname, "..");
const text = readFileSync(join(root, "docs/losses.md"), "utf8");
/** The rows of all tables: names, value, inputs, source. */
const rows = [...text.matchAll(/^\| (`.+) \|$/gm)].map(([, row]) => row!.split(" | "));

/** The sources in a folder and its subfolders, without tests. */
function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(root, folder, name), "utf8"));
}

/** The code of the only code block, and the output in its last comment. */
function example(): { code: string; printed: string } {
  const [, code] = /```ts\n(.+?)```/s.exec(text)!;
  return { code: code!, printed: code!.trim().split("\n").at(-1)!.replace("// ", "") };
}

describe("docs/losses.md", () => {
  it("lists every exported function once, and no other", () => {
    const listed = rows.flatMap(([names]) => names!.split(", ").map((name) => name.slice(1, -1)));
    expect(listed.sort()).toEqual(Object.keys(losses).sort());
  });

  it("gives the value and the inputs of each, with shapes", () => {
    for (const row of rows) {
      expect(row, row[0]).toHaveLength(4);
      expect(row[1]!.length, row[0]).toBeGreaterThan(10);
      expect(row[2]!.length, row[0]).toBeGreaterThan(4);
    }
  });

  it("names only papers that the sources name, with the same number in text and address", () => {
    const sources = ["src/losses", "src/methods"].flatMap(sourcesIn).join();
    const links = [...text.matchAll(/\[([^\]]+)\]\(https:\/\/arxiv\.org\/abs\/([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(20);
    for (const [, written, address] of links) {
      expect(written).toBe(address);
      expect(sources).toContain(address);
    }
  });

  it("has an example that runs and prints its last comment, the formula's value and derivative", async () => {
    const { code, printed } = example();
    // Distances are .5, .5 and 5 at a margin of 1. The loss is the mean over three pairs of d², (1 - d)² and
    // 0.
    const [d, margin, pairs] = [0.5, 1, 3];
    const value = (d ** 2 + (margin - d) ** 2) / pairs;
    const [pulled, pushed] = [(2 * (0 - 0.5)) / pairs, (-2 * (margin - d) * ((0 - 0.5) / d)) / pairs];
    expect(printed.split(" ").map(Number)).toEqual(
      [value, pulled, 0, 0, pushed, 0, 0].map((number) => Number(number.toFixed(3))),
    );
    const tsx = fileURLToPath(import.meta.resolve("tsx/cli"));
    const flags = [tsx, "--conditions=source", "--input-type=module", "--eval", code];
    const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
    expect(stdout.trim()).toBe(printed);
  });
});
