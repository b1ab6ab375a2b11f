import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { METHODS } from "../../src/methods/index.ts";

const text = readFileSync(new URL("../../docs/methods.md", import.meta.url), "utf8");
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [/^`([^`]+)`/m.exec(section)?.[1], section]),
);

it.each(METHODS.map((method) => [method.name, method] as const))(
  "docs/methods.md says of %s what it is, its loss, how it fails and what is different here",
  (name, { title, paper }) => {
    const section = sections.get(name) ?? "";
    expect(section.split("\n")[0]).toBe(title);
    expect(section).toContain(paper.arxiv);
    expect(section).toContain("Collapse");
  },
);

it("docs/methods.md has no section for a method that is not there", () => {
  expect([...sections.keys()].sort()).toEqual(METHODS.map(({ name }) => name).sort());
});
