import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FAMILY_NAMES } from "afterimage/weights";
import { expect, it } from "vitest";
import { projectRoot } from "./support/source-files.ts";

it("docs/importing.md has a row for every family of weights, in the order in which they are tried", () => {
  const page = readFileSync(join(projectRoot, "docs/importing.md"), "utf8");
  const table = page.slice(page.indexOf("## What is recognised"), page.indexOf("DINO's and MAE's files"));
  const rows = [...table.matchAll(/^\| `(\w[\w-]*)` \|/gm)].map((match) => match[1]);
  expect(rows).toEqual([...FAMILY_NAMES]);
});
