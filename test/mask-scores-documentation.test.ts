import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfusionCounts, segmentationScores } from "../src/evaluate/index.ts";

const page = readFileSync(join(import.meta.dirname, "../docs/mask-scores.md"), "utf8");

test("the example of docs/mask-scores.md prints what its last comment says", () => {
  const [, code] = /```ts\n(.+?)```/s.exec(page)!;
  const lines = code!.trim().split("\n");
  const printed: string[] = [];
  const body = lines.filter((line) => !line.startsWith("import ")).join("\n");
  const run = new Function("ConfusionCounts", "segmentationScores", "console", body);
  run(ConfusionCounts, segmentationScores, { log: (text: string) => printed.push(text) });
  expect(printed).toEqual([lines.at(-1)!.replace("// ", "")]);
});
