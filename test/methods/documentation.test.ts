import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Overrides, readAssignment } from "../../src/cli/overrides.ts";
import { METHODS } from "../../src/methods/index.ts";
import type { Situation } from "../../src/objectives/situation.ts";

const text = readFileSync(new URL("../../docs/methods.md", import.meta.url), "utf8");
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [/^`([^`]+)`/m.exec(section)?.[1], section]),
);
const methods = METHODS.map((method) => [method.name, method] as const);

/** A situation in which all methods have defaults. */
const SITUATION: Situation = {
  ...{ pictures: 10_000, imageSize: 64, batchSize: 128, epochs: 100 },
  ...{ family: "vit", multipleOf: 8, batchNorm: true, features: 192 },
};

/**
 * The paragraph that starts with a bold word, on one line and without that word. A section has one for each
 * word.
 */
function paragraph(name: string, word: string): string {
  const found = (sections.get(name) ?? "").split("\n\n").filter((part) => part.startsWith(`**${word}.**`));
  expect(found, `${word} of ${name}`).toHaveLength(1);
  return found[0]!.slice(`**${word}.**`.length).trim().replaceAll(/\s+/g, " ");
}

describe("docs/methods.md", () => {
  it.each(methods)("describes %s under its title, with its paper", (name, { title, paper }) => {
    const [heading, first, ...parts] = (sections.get(name) ?? "").split("\n\n");
    expect(heading).toBe(title);
    expect(first).toMatch(new RegExp(`^\`${name}\` · .* ${paper.year}, `));
    expect(first).toContain(`[arXiv ${paper.arxiv}](https://arxiv.org/abs/${paper.arxiv})`);
    const idea = parts.filter((part) => !part.startsWith("<!--") && !part.startsWith("**"))[0]!;
    expect(idea.length).toBeGreaterThan(100);
  });

  it.each(methods)("has the loss of %s as a formula", (name) => {
    const formulas = [...(sections.get(name) ?? "").matchAll(/^\$\$(.+)\$\$$/gm)].map(
      ([, formula]) => formula!,
    );
    expect(formulas.join()).toMatch(/(\\ell|\\mathcal\{L\}).* = /);
  });

  it.each(methods)("says how %s collapses and how a collapse is noticed", (name, { spread }) => {
    const said = paragraph(name, "Collapse");
    // The cause of the collapse too, and not only the loss.
    expect(said.length).toBeGreaterThan(200);
    expect(said).toMatch(/Afterimage (compares|looks|warns|reports)/);
    for (const { metric, least } of spread?.(1000) ?? []) {
      expect(said).toContain(`\`${metric}\``);
      expect(said).toMatch(
        new RegExp(`(?<![\\d.])0?${`${least}`.replace(/^0/, "").replace(".", "\\.")}(?!\\d)`),
      );
    }
  });

  it.each(methods)("says which settings of %s matter, and all of them exist", (name, { defaults }) => {
    const said = paragraph(name, "Settings that matter");
    expect(said.length).toBeGreaterThan(20);
    const known = Object.keys(defaults(SITUATION));
    // A word in one case may be a value. A word with a capital inside must be a setting.
    const settings = [...said.matchAll(/`([a-z]+[A-Z][a-zA-Z]*)/g)].map(([, word]) => word!);
    for (const setting of settings) expect(known).toContain(setting);
  });

  it.each(methods)("proposes possible settings of %s", (name, { settings, defaults }) => {
    const commands = [...(sections.get(name) ?? "").matchAll(/`(--set [^`]+)`/g)].map(([, words]) => words!);
    for (const words of commands) {
      const set = words
        .split("--set ")
        .slice(1)
        .reduce((before, assignment) => readAssignment(assignment, before), {
          settings: {},
          training: {},
        } as Overrides);
      const given = { ...defaults(SITUATION), ...set.settings };
      expect(settings.parse(given), words).toEqual(given);
    }
  });

  it.each(methods)("describes the differences of %s here", (name) => {
    expect(paragraph(name, "Here").length).toBeGreaterThan(80);
  });

  it("has sections only for existing methods", () => {
    expect([...sections.keys()].sort()).toEqual(METHODS.map(({ name }) => name).sort());
  });

  it("begins with a list that links to every section", () => {
    const listed = [...text.matchAll(/^\| `([^`]+)` \| \[([^\]]+)\]\(#([^)]+)\) \|$/gm)].map(
      ([, ...row]) => row,
    );
    const anchor = (title: string) => title.toLowerCase().replaceAll(" ", "-");
    expect(listed).toEqual(METHODS.map(({ name, title }) => [name, title, anchor(title)]));
  });
});

it("scripts/README.md names the origin of every method's fixture", () => {
  const readme = readFileSync(new URL("../../scripts/README.md", import.meta.url), "utf8");
  const [, section] = /^### `methods\/(.+?)^### /ms.exec(readme)!;
  const rows = [...section!.matchAll(/^\| (`.+) \|$/gm)].map(([, row]) => row!.split(" | "));
  const origins = rows.filter((row) => row.length === 4);
  const named = origins.flatMap(([names]) => names!.split(", ").map((name) => name.slice(1, -1)));
  const there = readdirSync(new URL("../fixtures/methods", import.meta.url)).map(
    (file) => file.split(".")[0],
  );
  expect(named.sort()).toEqual(there.sort());
  const scripts = readdirSync(new URL("../../scripts", import.meta.url));
  for (const [, script] of origins) expect(scripts).toContain(`make_method_${script}.py`);
});
