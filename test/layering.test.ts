import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** A folder imports only from those before it. */
const ORDER = [
  "errors.ts",
  "random",
  "formats",
  "onnx",
  "tensor",
  "data",
  "augment",
  "nn",
  "backbones",
  "losses",
  "optim",
  "methods",
  "runtime",
  "evaluate",
  "train",
  "transfer",
  "export",
  "machine",
  "jobs",
  "cli",
  "index.ts",
];

/** Where files, processes and terminals may be reached. */
const NODE_PLACES = [/^data\/node\//, /^train\/node\//, /^machine\//, /^jobs\//, /^cli\//, /\.test\.ts$/];
const NODE_PACKAGES = /^(node:|sharp$|commander$|tsx)/;

const root = resolve(import.meta.dirname, "../src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .sort();

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\("([^"]+)"\)/g),
  ].map((match) => (match[1] ?? match[2])!);
}

function filesImportedBy(file: string): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => relative(root, resolve(root, dirname(file), name)));
}

const mayUseNode = (file: string) => NODE_PLACES.some((place) => place.test(file));
const layerOf = (file: string) => ORDER.indexOf(file.split("/")[0]!);
const withoutTests = files.filter((file) => !file.endsWith(".test.ts"));
const withoutNode = withoutTests.filter((file) => !mayUseNode(file));

describe("the order of the folders", () => {
  it("has a place for every file", () => {
    expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  it("is kept: a file imports from its own folder or from those to its left", () => {
    const wrong = withoutTests.flatMap((file) =>
      filesImportedBy(file)
        .filter((target) => layerOf(target) > layerOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps Node and its packages to the places made for them", () => {
    const wrong = withoutNode.flatMap((file) =>
      importsOf(file)
        .filter((name) => NODE_PACKAGES.test(name))
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps the other folders from reaching Node through those places", () => {
    const wrong = withoutNode
      .filter((file) => file !== "index.ts")
      .flatMap((file) =>
        filesImportedBy(file)
          .filter(mayUseNode)
          .map((target) => `${file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it("lets only runtime know ONNX Runtime", () => {
    const wrong = withoutTests.filter(
      (file) => !file.startsWith("runtime/") && importsOf(file).includes("#ort"),
    );
    expect(wrong).toEqual([]);
  });

  it("has no import cycles", () => {
    const graph = new Map(withoutTests.map((file) => [file, filesImportedBy(file)]));
    expect(findCycle(graph)).toBeNull();
  });
});

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle !== null) return cycle;
    }
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle !== null) return cycle;
  }
  return null;
}
