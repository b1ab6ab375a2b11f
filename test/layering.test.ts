import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesImportedBy, filesIn, importsOf, layerOf, projectRoot } from "./support/source-files.ts";

/**
 * Pure functions, and the naming of options that they need. Their users should not need a library of schemas.
 */
const WITHOUT_ZOD =
  /^src\/(errors\.ts|options\/option-name|random|onnx|tensor|nn|losses|optim|runtime|evaluate|export)\b/;

/** The file has a flag of Node's, in advice on methods of one's own. */
const WITH_FLAGS_OF_NODE = ["src/train/run-config.ts"];

/** The places that may use files, processes and terminals. */
const NODE_PLACES = [
  /^src\/(data\/node|weights\/node|train\/node|runs\/node|machine|jobs|cli)\//,
  /\.test\.ts$/,
];
const NODE_PACKAGES = /^(node:|sharp$|commander$|tsx)/;

const files = filesIn("src");

const mayUseNode = (file: string) => NODE_PLACES.some((place) => place.test(file));
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

  it("keeps Node and its packages in the places made for them", () => {
    const wrong = withoutNode.flatMap((file) =>
      importsOf(file)
        .filter((name) => NODE_PACKAGES.test(name))
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps the other folders from reaching Node through those places", () => {
    const wrong = withoutNode
      .filter((file) => file !== "src/index.ts")
      .flatMap((file) =>
        filesImportedBy(file)
          .filter(mayUseNode)
          .map((target) => `${file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it("lets only runtime import ONNX Runtime", () => {
    const wrong = withoutTests.filter(
      (file) => !file.startsWith("src/runtime/") && importsOf(file).includes("#ort"),
    );
    expect(wrong).toEqual([]);
  });

  it("leaves flags to the command line: messages of other folders name options", () => {
    const below = withoutTests.filter((file) => !file.startsWith("src/cli/"));
    expect(below.filter((file) => /--[a-z]/.test(codeOf(file)))).toEqual(WITH_FLAGS_OF_NODE);
  });

  it("keeps zod away from folders that read neither options nor files", () => {
    const withZod = withoutTests.filter((file) => importsOf(file).includes("zod"));
    expect(withZod.filter((file) => WITHOUT_ZOD.test(file))).toEqual([]);
  });

  it("has no import cycles", () => {
    const graph = new Map(withoutTests.map((file) => [file, filesImportedBy(file)]));
    expect(findCycle(graph)).toBeNull();
  });
});

describe("code outside of src", () => {
  const OUTER = ["demo", "quality", "bench", "examples"];
  const outside = OUTER.flatMap(filesIn);

  /** Whether a file of test/ reaches the sources by a path, directly or through its imports. */
  const reachesSources = (file: string, seen = new Set<string>()): boolean => {
    if (file.startsWith("src/")) return true;
    if (seen.has(file)) return false;
    seen.add(file);
    return filesImportedBy(file).some((target) => reachesSources(target, seen));
  };

  it("imports public names only, and files of its own or of test/ that do the same", () => {
    const isOurs = (target: string) =>
      OUTER.some((folder) => target.startsWith(`${folder}/`)) ||
      (target.startsWith("test/") && !reachesSources(target));
    const wrong = outside.flatMap((file) =>
      [
        ...filesImportedBy(file).filter((target) => !isOurs(target)),
        ...importsOf(file).filter((name) => name.startsWith("#")),
      ].map((target) => `${file} imports ${target}`),
    );
    expect(outside.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
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

/** A file without its comments, which may quote the flags of other programs. */
function codeOf(file: string): string {
  const text = readFileSync(join(projectRoot, file), "utf8");
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}
