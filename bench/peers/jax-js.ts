/**
 * jax-js as a peer, on its Wasm back end: the whole training step is one function under `jit`. Its threads
 * are web workers, which Node lacks. A substitute made of Node's own workers gives it the same number of
 * threads as other peers. With the argument `tuned` a convolution is a sum of matrix products instead of the
 * library's convolution.
 */
import { readFileSync } from "node:fs";
import type { BenchCase } from "../cases.ts";
import { provideWorkers } from "./jax-js/workers.ts";
import { type PreparedStep, serve } from "./serve.ts";

const TUNED = process.argv[2] === "tuned";

async function load() {
  const manifest = new URL("./node_modules/@jax-js/jax/package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return { engine: `jax-js ${version} Wasm${TUNED ? ", our convolution" : ""}`, prepare };
}

async function prepare(benchCase: BenchCase, threads: number): Promise<PreparedStep> {
  if (TUNED && benchCase.network.kind === "vit") throw new Error("no convolution here: the same as jax-js");
  if (threads > 1) provideWorkers(threads);
  const { prepareStep } = await import("./jax-js/step.ts"); // jax-js looks for workers when it is loaded
  return prepareStep(benchCase, threads, TUNED);
}

await serve(load);
