/** The library in pages: the parts that a bundler takes for a browser, and their size. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { EpochRecord } from "afterimage";
import * as augment from "afterimage/augment";
import { memoryDataset } from "afterimage/data";
import * as losses from "afterimage/losses";
import { describe, expect, it } from "vitest";
import * as schedules from "../src/optim/schedule.ts";
import { type Bundle, bundleForBrowser } from "./support/bundle.ts";
import { relativeError } from "./support/probe.ts";
import { projectRoot } from "./support/source-files.ts";
import { TINY_SIMCLR, tinyConfig } from "./support/tiny-run.ts";
import { type TrainedInMemory, trainInMemory } from "./support/train-in-memory.ts";

/** Bytes of a minified bundle. */
const MOST_OF_A_LOSS = 25_000;
const MOST_OF_A_SCHEDULE = 3_000;

/** All public folders that need no Node. */
const FOR_BROWSERS = [
  "random",
  "formats",
  "tensor",
  "runtime",
  "data",
  "augment",
  "nn",
  "backbones",
  "losses",
  "methods",
  "optim",
  "evaluate",
  "train",
  "runs",
  "export",
];
/** Those of them that check settings by zod's schemas. */
const WITH_SCHEMAS = ["augment", "backbones", "methods", "runs", "train"];

/** A program for each name. Each takes only that name from the library. */
function takeEach(names: readonly string[], room: string): Promise<Record<string, Bundle>> {
  const programs = names.map((name) => [name, `export { ${name} } from "afterimage/${room}";`]);
  return bundleForBrowser(Object.fromEntries(programs));
}

const hasZod = ({ sources }: Bundle) => sources.some((file) => file.includes("node_modules/zod/"));

function namesOf(bundles: Readonly<Record<string, Bundle>>, are: (bundle: Bundle) => boolean): string[] {
  return Object.keys(bundles).filter((name) => are(bundles[name]!));
}

describe("in a bundle for a browser", () => {
  it("a loss is small", async () => {
    const bundles = await takeEach(Object.keys(losses), "losses");
    expect(namesOf(bundles, ({ text }) => text.length >= MOST_OF_A_LOSS)).toEqual([]);
    expect(namesOf(bundles, hasZod)).toEqual([]);
    expect(bundles.ntXent!.text.length).toBeGreaterThan(10_000);
  });

  it("a schedule is smaller", async () => {
    const bundles = await takeEach([...Object.keys(schedules), "scheduleFrom"], "optim");
    expect(namesOf(bundles, ({ text }) => text.length >= MOST_OF_A_SCHEDULE)).toEqual([]);
    expect(bundles.warmup!.text.length).toBeGreaterThan(500);
  });

  it("views are checked without zod", async () => {
    const bundles = await takeEach(Object.keys(augment), "augment");
    expect(namesOf(bundles, hasZod)).toEqual(["viewSpecSchema"]);
    expect(bundles.augmentView!.sources).toContain("src/augment/check-view-spec.ts");
  });

  it("whole folders have no module of Node, and have zod only if they check settings", async () => {
    const programs = FOR_BROWSERS.map((room) => [room, `export * from "afterimage/${room}";`]);
    const bundles: Record<string, Bundle> = await bundleForBrowser(Object.fromEntries(programs));
    expect(namesOf(bundles, ({ text }) => text.length < 1_000)).toEqual([]);
    expect(namesOf(bundles, hasZod).sort()).toEqual(WITH_SCHEMAS);
  });

  it("the module that turns off the runtime's telemetry is kept, although no name of it is used", async () => {
    const { runOnce } = await takeEach(["runOnce"], "runtime");
    expect(runOnce!.sources).toContain("src/runtime/no-telemetry.ts");
  });

  it("the example of a network of one's own learns, on the runtime for browsers", async () => {
    const example = await readFile(join(projectRoot, "examples/own-network.ts"), "utf8");
    expect(await runOnWasm(example)).toMatch(
      /step 500: loss 0\.00\d+\nanswers -?0\.0\d (0\.9|1\.0)\d (0\.9|1\.0)\d -?0\.0\d/,
    );
  });

  it("a trainer learns the same as on the native runtime", async () => {
    const config = tinyConfig({ ...TINY_SIMCLR, batchSize: 8 });
    const { canvas } = config;
    const pixels = Array.from({ length: 24 * 3 * canvas ** 2 }, (_, i) => (i * 2654435761) >>> 24);
    const program = `
      import { memoryDataset } from "afterimage/data";
      import { trainInMemory } from "./test/support/train-in-memory.ts";
      const pictures = memoryDataset({ canvas: ${canvas}, pictures: Uint8Array.from(${JSON.stringify(pixels)}) });
      const options = { provider: "wasm", threads: 1 };
      console.log(JSON.stringify(await trainInMemory(${JSON.stringify(config)}, pictures, options)));`;
    const { losses, features } = JSON.parse(await runOnWasm(program)) as TrainedInMemory;
    const pictures = memoryDataset({ canvas, pictures: Uint8Array.from(pixels) });
    const native = await trainInMemory(config, pictures, { provider: "cpu", threads: 1 });
    expect(new Set(losses).size).toBe(3);
    expect(relativeError(losses, native.losses)).toBeLessThan(1e-4);
    expect(relativeError(features, native.features)).toBeLessThan(1e-3);
  });
});

describe("the loop of epochs", () => {
  it("runs in a page as in Node, evaluates the encoder, and continues from its store in memory", async () => {
    const config = tinyConfig({ ...TINY_SIMCLR, batchSize: 8, epochs: 2 });
    const program = `
      import { memoryDataset } from "afterimage/data";
      import { MemoryStore, trainRun } from "afterimage/runs";
      const canvas = ${config.canvas};
      const pixels = Uint8Array.from({ length: 24 * 3 * canvas ** 2 }, (_, i) => (i * 2654435761) >>> 24);
      const labels = Int32Array.from({ length: 24 }, (_, i) => i % 2);
      const pictures = memoryDataset({ canvas, pictures: pixels, labels, classNames: ["a", "b"] });
      const config = { ...${JSON.stringify(config)}, data: { path: "", fingerprint: pictures.fingerprint, pictures: 24 } };
      const stop = new AbortController();
      const store = new MemoryStore();
      const onProgress = ({ type, step }) => type === "step" && step === 4 && stop.abort();
      const first = await trainRun(config, pictures, { store, signal: stop.signal, onProgress });
      const second = await trainRun(config, pictures, { store });
      console.log(JSON.stringify([first.interrupted, second.steps, second.epochs]));`;
    const [interrupted, steps, epochs] = JSON.parse(await runOnWasm(program)) as [
      boolean,
      number,
      EpochRecord[],
    ];
    expect([interrupted, steps, epochs.length]).toEqual([true, 6, 2]);
    for (const { loss, knn, health } of epochs) {
      expect(loss).toBeGreaterThan(0);
      expect(knn?.pictures).toBe(24);
      expect(health?.rankMe).toBeGreaterThan(1);
    }
  });
});

/** The output of a page's program, which Node runs on the runtime for browsers. */
async function runOnWasm(program: string): Promise<string> {
  // More than one thread would need workers that load the page's script.
  const oneThread = `import { ortEnv } from "afterimage/runtime"; ortEnv.wasm.numThreads = 1;`;
  const { page } = await bundleForBrowser({ page: `${oneThread}\n${program}` });
  const folder = await mkdtemp(join(tmpdir(), "afterimage-page-"));
  try {
    await writeFile(join(folder, "page.mjs"), page.text);
    return (await promisify(execFile)(process.execPath, [join(folder, "page.mjs")])).stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
