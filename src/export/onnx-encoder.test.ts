import * as web from "onnxruntime-web/wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { type Backbone, resnet, vit } from "../backbones/index.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { initialEncoderValues } from "../train/values.ts";
import { onnxEncoder } from "./onnx-encoder.ts";

const networks: [string, Backbone, number][] = [
  ["resnet18", resnet({ depth: 18, width: 8, stem: "imagenet" }), 32],
  ["resnet50", resnet({ depth: 50, width: 4, stem: "cifar" }), 16],
  ["vit", vit("vit", { imageSize: 16, patch: 4, width: 48, depth: 2, heads: 3, dropPath: 0.1 }), 16],
];

beforeAll(() => {
  web.env.wasm.numThreads = 1;
  web.env.logLevel = "fatal";
});

describe.each(networks)("the exported %s", (_name, backbone, imageSize) => {
  const values = initialEncoderValues(backbone, { imageSize, seed: 1 });
  const exported = onnxEncoder({ backbone, values, imageSize });

  it.each([1, 3])("gives the training graph's features in evaluation for a batch of %i", async (batch) => {
    const pixels = deterministic("pixels", batch * 3 * imageSize ** 2, 2);
    const scope = new Scope(new Variables(), "", { training: false, trainable: true });
    const { features } = backbone.build(scope, input("pictures", [batch, 3, imageSize, imageSize]));
    const program = compile({ features }, { contrib: true });
    const reference = await runOnce(program, { pictures: pixels, ...Object.fromEntries(values) });
    const own = await runOnce(exported, { pixel_values: pixels });
    expect(relativeError(own.features as Float32Array, reference.features as Float32Array)).toBeLessThan(
      1e-5,
    );
  });

  it.each([17, 18, 19, 20, 21])(
    "gives the same features in operators of opset %i, natively and in Wasm",
    async (opset) => {
      const program = onnxEncoder({ backbone, values, imageSize, opset });
      const pixels = deterministic("pixels", 2 * 3 * imageSize ** 2, 2);
      const expected = (await runOnce(exported, { pixel_values: pixels })).features as Float32Array;
      const own = (await runOnce(program, { pixel_values: pixels })).features as Float32Array;
      expect(relativeError(own, expected)).toBeLessThan(1e-5);
      const session = await web.InferenceSession.create(program.bytes, { executionProviders: ["wasm"] });
      const fed = new web.Tensor("float32", pixels, [2, 3, imageSize, imageSize]);
      const { features } = await session.run({ pixel_values: fed });
      expect(relativeError(features!.data as Float32Array, expected)).toBeLessThan(1e-5);
      // The first field of a model is the version of its format.
      const formats: Record<number, number> = { 17: 8, 18: 8, 19: 9, 20: 9, 21: 10 };
      expect([...program.bytes.subarray(0, 2)]).toEqual([0x08, formats[opset]]);
      const operators = new Set(program.model.nodes.map(({ operator }) => operator));
      expect(operators.has("Gelu")).toBe(backbone.family === "vit" && opset >= 20);
    },
  );

  it.each([16, 22, 17.5, Number.NaN])("cannot be written in opset %d", (opset) => {
    expect(() => onnxEncoder({ backbone, values, imageSize, opset })).toThrow("whole number from 17 to 21");
  });

  it("holds its weights under bare names, and only standard operators", () => {
    const names = exported.model.initializers.map(({ name }) => name);
    for (const path of values.keys()) expect(names).toContain(path);
    expect(exported.model.nodes.filter(({ domain }) => domain !== "")).toEqual([]);
    expect(exported.model.inputs).toEqual([
      { name: "pixel_values", type: "float32", shape: ["batch", 3, imageSize, imageSize] },
    ]);
  });
});
