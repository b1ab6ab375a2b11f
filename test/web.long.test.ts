/**
 * One graph runs everywhere. In onnxruntime-web's Wasm, the steps of a ResNet and of a ViT have the losses of
 * the native runtime, with and without the layouts that only the native runtime has.
 */
import * as web from "onnxruntime-web/wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dialect, dialectOf, PLAIN } from "../src/runtime/dialect.ts";
import type { Program, TensorData } from "../src/tensor/index.ts";
import { relativeError } from "./support/probe.ts";
import { native, type Run, STEP_CASES, stepLosses } from "./support/step-losses.ts";

const STEPS = 3;

async function inWasm({ bytes, inputs, outputs }: Program): Promise<Run> {
  const session = await web.InferenceSession.create(bytes, {
    executionProviders: ["wasm"],
    extra: { session: { set_denormal_as_zero: "1" } },
  });
  return async (feeds) => {
    const tensors = inputs.map(({ name, shape, dtype }) => [
      name,
      new web.Tensor(dtype as "float32", feeds[name] as Float32Array, [...shape]),
    ]);
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(outputs.map(({ name }) => [name, results[name]!.data as TensorData]));
  };
}

beforeAll(() => {
  web.env.wasm.numThreads = 1;
  web.env.logLevel = "fatal";
});

describe.each(Object.entries(STEP_CASES))("the steps of %s", (_, choices) => {
  it("have equal losses in the browser's and in the native runtime", async () => {
    const everywhere: Dialect = { ...PLAIN, contrib: true };
    const reference = await stepLosses(choices, everywhere, native(), STEPS);
    expect(new Set(reference).size).toBe(STEPS);
    expect(relativeError(await stepLosses(choices, everywhere, inWasm, STEPS), reference)).toBeLessThan(1e-4);
    const own = await stepLosses(choices, await dialectOf(), native(), STEPS);
    expect(relativeError(own, reference)).toBeLessThan(1e-4);
  });

  it("need only ONNX's own operators", async () => {
    const reference = await stepLosses(choices, PLAIN, native(), STEPS);
    expect(relativeError(await stepLosses(choices, PLAIN, inWasm, STEPS), reference)).toBeLessThan(1e-4);
  });
});
