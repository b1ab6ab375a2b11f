/** The project's files and their imports, for the tests that hold the places of files. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** The folders of `src`. A folder imports only from those before it. */
export const ORDER = [
  "errors.ts",
  "options",
  "random",
  "formats",
  "onnx",
  "tensor",
  "data",
  "augment",
  "nn",
  "backbones",
  "weights",
  "losses",
  "optim",
  "objectives",
  "methods",
  "runtime",
  "evaluate",
  "train",
  "runs",
  "transfer",
  "export",
  "drawing",
  "machine",
  "jobs",
  "cli",
  "index.ts",
];

export const projectRoot = resolve(import.meta.dirname, "../..");

/** The TypeScript files of a folder of the project, by their paths from the project's root. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => join(folder, name))
    .sort();
}

/** The names that a file imports or exports from, as written. */
export function importsOf(file: string): string[] {
  const text = readFileSync(join(projectRoot, file), "utf8");
  return [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\("([^"]+)"\)/g),
  ].map((match) => (match[1] ?? match[2])!);
}

/** The files of the project that a file imports, by their paths from the project's root. */
export function filesImportedBy(file: string): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => relative(projectRoot, resolve(projectRoot, dirname(file), name)));
}

/** The place of a file of `src` in the order of the folders; -1 if it has none. */
export const layerOf = (file: string) => ORDER.indexOf(file.split("/")[1]!);
