/** The promises of `package.json`: names, files, and the modules that act when they are imported. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesIn, projectRoot } from "./support/source-files.ts";

interface Package {
  files: string[];
  sideEffects: string[];
  exports: Record<string, string | Record<"source" | "types" | "default", string>>;
  imports: Record<string, Record<string, string>>;
  peerDependenciesMeta: Record<string, object>;
}

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");
const packageJson = JSON.parse(read("package.json")) as Package;
const { files, sideEffects, exports } = packageJson;

/** The public names, in the order of the folders. */
const PUBLIC = [
  "afterimage",
  "afterimage/random",
  "afterimage/formats",
  "afterimage/tensor",
  "afterimage/runtime",
  "afterimage/data",
  "afterimage/data/node",
  "afterimage/augment",
  "afterimage/nn",
  "afterimage/backbones",
  "afterimage/weights",
  "afterimage/losses",
  "afterimage/methods",
  "afterimage/optim",
  "afterimage/evaluate",
  "afterimage/train",
  "afterimage/train/node",
  "afterimage/runs",
  "afterimage/transfer",
  "afterimage/export",
  "afterimage/drawing",
  "afterimage/cli",
];

/** Folders without a public name of their own, with the reason. */
const WITHOUT: Readonly<Record<string, string>> = {
  options: "how the jobs' own options are checked and described",
  onnx: "an encoding that only `tensor`, `export` and jobs write and read",
  machine: "what programs need of it is in `afterimage`",
  jobs: "they are what `afterimage` exports",
  objectives: "in `afterimage/methods`",
  "losses/metrics": "in `afterimage/losses`",
};

/** The folder of src behind a public name. */
const folderOf = (name: string) => name.replace(/^afterimage\/?/, "");
const entryOf = (name: string) => exports[name.replace(/^afterimage/, ".")];

describe("the public names", () => {
  it("are those of the list", () => {
    const inPackage = Object.keys(exports).filter((path) => path !== "./package.json");
    expect(inPackage.map((path) => path.replace(/^\./, "afterimage")).sort()).toEqual([...PUBLIC].sort());
  });

  it.each(PUBLIC)("%s is built from its index.ts and can be imported", async (name) => {
    const path = join(folderOf(name), "index");
    const source = `./src/${path}.ts`;
    expect(entryOf(name)).toEqual({ source, types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` });
    expect(existsSync(join(projectRoot, source))).toBe(true);
    expect(Object.keys(await import(name))).not.toEqual([]);
  });

  it("exist for every folder of src, except for those with a reason", () => {
    const all = filesIn("src").map((file) => dirname(file).replace(/^src\/?/, ""));
    const rooms = new Set(all.filter((folder) => folder !== "" && !folder.includes("/")));
    const withIndex = filesIn("src").filter((file) => file.endsWith("/index.ts"));
    for (const file of withIndex) rooms.add(dirname(file).replace(/^src\/?/, ""));
    const named = new Set([...PUBLIC.map(folderOf), ...Object.keys(WITHOUT)]);
    expect([...rooms].filter((room) => !named.has(room))).toEqual([]);
    expect(Object.keys(WITHOUT).filter((room) => !all.includes(room) || PUBLIC.includes(room))).toEqual([]);
  });

  it("are listed in README", () => {
    const words = read("README.md").replaceAll(/\s+/g, " ");
    const missing = PUBLIC.filter((name) => !words.includes(`\`${name.replace(/^afterimage\//, "/")}\``));
    expect(missing.filter((name) => !words.includes(`\`${name}\``))).toEqual([]);
  });
});

it("the package never imports the runtime's default entry, whose WebGPU reverses axes wrongly", () => {
  const { imports, peerDependenciesMeta } = packageJson;
  expect(imports["#ort"]).toEqual({
    node: "onnxruntime-node",
    "afterimage-wasm": "onnxruntime-web/wasm",
    default: "onnxruntime-web/webgpu",
  });
  expect(peerDependenciesMeta["onnxruntime-web"]).toEqual({ optional: true });
});

describe("the published files", () => {
  const links = [...read("README.md").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1]!);

  it("contain everything that README links to", () => {
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(join(projectRoot, link)))).toEqual([]);
    const isPublished = (link: string) =>
      files.some((entry) => link === entry || link.startsWith(`${entry}/`));
    expect(links.filter((link) => !isPublished(link))).toEqual([]);
  });
});

describe("modules that act when they are imported", () => {
  /** The beginnings of lines with declarations. The formatter indents everything inside of these. */
  const DECLARATION =
    /^(?:import |export |const |let |(?:async )?function|(?:abstract )?class |interface |type |declare |[\s})\]>/*`#]|$)/;

  /** The text without templates, because lines of a template may begin with anything. */
  const withoutTemplates = (text: string) => text.replaceAll(/`(?:[^`\\]|\\.)*`/gs, "``");
  /**
   * A bundler may drop this module where nothing of it is used: it only keeps its own runtime from logging.
   */
  const FOR_ITSELF = ["src/runtime/session.ts"];

  it("are those in `sideEffects`, which a bundler keeps although no name of theirs is used", () => {
    const acting = filesIn("src")
      .filter((file) => !file.endsWith(".test.ts") && !FOR_ITSELF.includes(file))
      .filter((file) =>
        withoutTemplates(read(file))
          .split("\n")
          .some((line) => !DECLARATION.test(line)),
      );
    const built = (file: string) => file.replace(/^src\//, "./dist/").replace(/\.ts$/, ".js");
    expect([...sideEffects].sort()).toEqual(acting.flatMap((file) => [built(file), `./${file}`]).sort());
  });
});
