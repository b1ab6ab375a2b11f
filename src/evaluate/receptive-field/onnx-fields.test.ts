import { describe, expect, test } from "vitest";
import { createBackbone } from "../../backbones/index.ts";
import { Scope } from "../../nn/scope.ts";
import { Variables } from "../../nn/variables.ts";
import { decodeModel, encodeModel, type OnnxModel, type OnnxNode } from "../../onnx/model.ts";
import { compile, input } from "../../tensor/index.ts";
import { fieldsByLayer, labelledFields } from "./layer-fields.ts";
import { onnxFields } from "./onnx-fields.ts";

type Attributes = OnnxNode["attributes"];

/** A chain of nodes `[operator, attributes, constant]` on a picture. */
function chain(...nodes: (readonly [string, Attributes?, Float32Array?])[]): OnnxModel {
  const constants = nodes.flatMap(([, , data], i) => (data === undefined ? [] : [{ name: `c${i}`, data }]));
  return {
    name: "chain",
    nodes: nodes.map(([operator, attributes = {}, data], i) => ({
      ...{ name: `part/n${i}/${operator}`, operator, domain: "", attributes, outputs: [`y${i}`] },
      inputs: [
        i === 0 ? "x" : `y${i - 1}`,
        ...(data === undefined ? [] : operator === "Resize" ? ["", `c${i}`] : [`c${i}`]),
      ],
    })),
    inputs: [{ name: "x", type: "float32", shape: ["batch", 3, 64, 64] }],
    outputs: [],
    initializers: constants.map(({ name, data }) => ({
      ...{ name, type: "float32", shape: [data.length], bytes: new Uint8Array(data.buffer) },
    })),
    metadata: {},
  };
}

const window = (kernel: number, stride: number, padding = 0): Attributes => ({
  kernel_shape: { ints: [kernel, kernel] },
  strides: { ints: [stride, stride] },
  pads: { ints: [padding, padding, padding, padding] },
});

/** The rows' fields at the end of a model. */
const lastOf = (model: OnnxModel) => onnxFields(decodeModel(encodeModel(model))).at(-1)!;

describe("fields of an ONNX model", () => {
  test("are those of the graph that it was written from", () => {
    const backbone = createBackbone("resnet18", { imageSize: 64, stem: "imagenet", widthMultiplier: 1 / 8 });
    const x = input("x", [1, 3, 64, 64]);
    const variables = new Variables();
    const { map } = backbone.build(new Scope(variables, "", { training: false, trainable: true }), x);
    const zeros = new Map(variables.all.map(({ path, value }) => [path, new Float32Array(value.size)]));
    const { bytes } = compile({ map: map! }, { values: zeros });
    const plain = (fields: ReturnType<typeof fieldsByLayer>) =>
      fields.map(({ layer, branches }) => [layer, branches.map((branch) => branch.fields)]);
    const fromModel = fieldsByLayer(onnxFields(decodeModel(bytes)));
    expect(plain(fromModel)).toEqual(plain(fieldsByLayer(labelledFields([map!], x))));
    expect(fromModel.at(-1)!.fields![0]!.size).toBe(435);
  });

  test("follow windows, automatic padding and resizing", () => {
    const half = new Float32Array([1, 1, 2, 2]);
    const automatic = { kernel_shape: { ints: [3, 3] }, auto_pad: { string: "SAME_UPPER" } };
    const model = chain(
      ["Conv", window(3, 2, 1)],
      ["Relu"],
      ["AveragePool", automatic],
      ["Resize", { mode: { string: "nearest" } }, half],
      ["MaxPool", window(2, 1)],
    );
    const [branch] = lastOf(model).branches;
    // Two fine cells are of at most two coarse ones, which see 3 + 1 of them, and these 3 pixels every 2.
    expect(branch!.fields[0]).toEqual({ size: 9, jump: 1, start: 0.5, padding: 3 });
  });

  test("say which operator lets places see the whole picture", () => {
    const model = chain(["Conv", window(3, 1)], ["GlobalAveragePool"], ["Flatten"]);
    expect(lastOf(model)).toMatchObject({
      branches: [],
      whole: [{ layer: "part/n1", operator: "GlobalAveragePool" }],
    });
  });

  test("are refused for a model that does not say its windows, or has no pictures", () => {
    const { kernel_shape: _, ...rest } = window(3, 1);
    expect(() => onnxFields(chain(["Conv", rest]))).toThrow("the attribute kernel_shape");
    const flat = { ...chain(["Relu"]), inputs: [{ name: "x", type: "float32" as const, shape: [1, 8] }] };
    expect(() => onnxFields(flat)).toThrow("got x [1,8]");
  });
});
