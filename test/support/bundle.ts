/** Programs in the form that a bundler gives them for a page. */
import { build, type Metafile, type Plugin } from "esbuild";
import { projectRoot } from "./source-files.ts";

export interface Bundle {
  text: string;
  /** Files that contribute to the text. */
  sources: readonly string[];
}

/**
 * Bundles programs for a browser, minified and without ONNX Runtime. A module of Node in them is an error.
 *
 * @param programs their texts by a name for each; names such as `afterimage/losses` are resolved in them.
 */
export async function bundleForBrowser<Name extends string>(
  programs: Readonly<Record<Name, string>>,
): Promise<Record<Name, Bundle>> {
  const names = Object.keys(programs) as Name[];
  const { outputFiles, metafile } = await build({
    entryPoints: names.map((name, at) => ({ in: `program:${name}`, out: `${at}` })),
    plugins: [givenPrograms(programs), runtimeApart],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    conditions: ["source"],
    absWorkingDir: projectRoot,
    outdir: "bundles",
    logLevel: "silent",
  });
  const bundles = names.map((name, at) => [
    name,
    { text: outputFiles[at]!.text, sources: sourcesOf(metafile, at) },
  ]);
  return Object.fromEntries(bundles) as Record<Name, Bundle>;
}

function givenPrograms(programs: Readonly<Record<string, string>>): Plugin {
  return {
    name: "given-programs",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^program:/ }, ({ path }) => ({
        path: path.slice("program:".length),
        namespace: "program",
      }));
      onLoad({ filter: /.*/, namespace: "program" }, ({ path }) => ({
        contents: programs[path]!,
        loader: "ts",
        resolveDir: projectRoot,
      }));
    },
  };
}

const WASM = import.meta.resolve("onnxruntime-web/wasm");

/** ONNX Runtime stays an import, of its browser build that has only Wasm, which Node can load too. */
const runtimeApart: Plugin = {
  name: "runtime-apart",
  setup: ({ onResolve }) => onResolve({ filter: /^#ort$/ }, () => ({ path: WASM, external: true })),
};

function sourcesOf({ outputs }: Metafile, at: number): string[] {
  const { inputs } = outputs[`bundles/${at}.js`]!;
  return Object.keys(inputs).filter((file) => inputs[file]!.bytesInOutput > 0);
}
