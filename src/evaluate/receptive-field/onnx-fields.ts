/** The receptive fields of an ONNX model, by walking its nodes from an input on. */
import { AfterimageError } from "../../errors.ts";
import type { Attribute, OnnxInitializer, OnnxModel, OnnxNode } from "../../onnx/model.ts";
import { Branch } from "./branch.ts";
import type { LabelledField } from "./layer-fields.ts";
import { waysOf } from "./map-state.ts";
import { type AxisStep, aroundStep, repeatStep, transposedStep, windowStep } from "./steps.ts";

type Ways = Pick<LabelledField, "branches" | "whole">;

/** Operators whose places depend on the same places of their inputs, and on constants. */
const BY_PLACE: ReadonlySet<string> = new Set(
  `Abs Add And BatchNormalization Cast Ceil Clip Concat Cos DequantizeLinear Div Dropout Elu Equal Erf Exp Floor Gelu
  Greater GreaterOrEqual HardSigmoid HardSwish Identity LRN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mul Neg
  Not Or PRelu Pow QuantizeLinear Reciprocal Relu Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Sub Sum Tanh
  ThresholdedRelu Where`.split(/\s+/),
);
const WINDOWS: ReadonlySet<string> = new Set(["Conv", "FusedConv", "MaxPool", "AveragePool", "LpPool"]);

/**
 * What the results of each node see of the model's first input, pictures `[B, C, H, W]` or sequences `[B, C,
 * T]`. Convolutions, pooling, resizing and pointwise operators are followed. Behind any other operator places
 * are taken to see the whole picture.
 *
 * @throws AfterimageError `onnx/format` for a model without such an input, or a layer whose window is not
 * written in it.
 */
export function onnxFields(model: OnnxModel): LabelledField[] {
  const weights = new Map(model.initializers.map((tensor) => [tensor.name, tensor]));
  const picture = model.inputs.find(({ name }) => !weights.has(name));
  const axes = (picture?.shape.length ?? 0) - 2;
  if (picture === undefined || axes < 1 || axes > 2) {
    throw new AfterimageError("onnx/format", {
      what: "the receptive fields of this model cannot be followed",
      expected: "an input of pictures [B, C, H, W] or sequences [B, C, T]",
      got: picture === undefined ? "no input" : `${picture.name} [${picture.shape}]`,
    });
  }
  const start = { branches: [new Branch([], axes)], whole: [] };
  const ways = new Map<string, Ways>([[picture.name, start]]);
  return model.nodes.flatMap((node) => {
    const given = node.inputs.flatMap((name) => ways.get(name) ?? []);
    if (given.length === 0) return [];
    const result = through(node, given, { axes, weights });
    for (const output of node.outputs) ways.set(output, result);
    return [{ layer: layerOf(node), shape: null, ...result }];
  });
}

interface Context {
  axes: number;
  weights: ReadonlyMap<string, OnnxInitializer>;
}

function through(node: OnnxNode, given: readonly Ways[], context: Context): Ways {
  const all = waysOf(given.map((ways) => ({ ...ways, layout: [] })));
  const { operator } = node;
  const isByPlace = BY_PLACE.has(operator) && !(operator === "Concat" && numberOf(node, "axis", 1) !== 1);
  if (isByPlace) return all;
  const steps = stepsOf(node, context);
  if (steps !== null) {
    const step = { layer: layerOf(node), operator, axes: steps };
    return { ...all, branches: all.branches.map((branch) => branch.after(step)) };
  }
  const here = [{ layer: layerOf(node), operator }];
  return { branches: [], whole: all.whole.length > 0 ? all.whole : here };
}

/** The steps of a node along each axis; null for an operator that is not followed. */
function stepsOf(node: OnnxNode, context: Context): AxisStep[] | null {
  if (WINDOWS.has(node.operator)) return windowsOf(node, context, windowStep);
  if (node.operator === "ConvTranspose") return windowsOf(node, context, transposedStep);
  if (node.operator === "Resize" || node.operator === "Upsample") return resizeSteps(node, context);
  return null;
}

function windowsOf(node: OnnxNode, context: Context, stepOf: typeof windowStep): AxisStep[] {
  const kernel = listOf(node, "kernel_shape") ?? context.weights.get(node.inputs[1] ?? "")?.shape.slice(2);
  if (kernel === undefined) {
    throw new AfterimageError("onnx/format", {
      what: "the window of a layer is not written in this model",
      where: layerOf(node),
      expected: `the attribute kernel_shape, or filters that are a constant, of ${node.operator}`,
      got: "neither",
    });
  }
  const pads = listOf(node, "pads");
  return kernel.map((size, i) => {
    const [stride, dilation] = [listOf(node, "strides")?.[i] ?? 1, listOf(node, "dilations")?.[i] ?? 1];
    const window = { kernel: size, stride, dilation, padding: pads?.[i] ?? 0 };
    return stepOf({ ...window, padding: pads?.[i] ?? automaticPadding(node, window) });
  });
}

/** The padding in front by `auto_pad`, where the stride divides the size. */
function automaticPadding(
  node: OnnxNode,
  window: { kernel: number; stride: number; dilation: number },
): number {
  const attribute = node.attributes.auto_pad;
  const kind = attribute !== undefined && "string" in attribute ? attribute.string : "NOTSET";
  if (!kind.startsWith("SAME")) return 0;
  const total = Math.max(0, window.dilation * (window.kernel - 1) + 1 - window.stride);
  return kind === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2);
}

/**
 * The cell of an output in a resized map, by `coordinate_transformation_mode`; null without constant scales.
 */
function resizeSteps(node: OnnxNode, { axes, weights }: Context): AxisStep[] | null {
  const scales = weights.get(node.inputs[node.operator === "Resize" ? 2 : 1] ?? "");
  if (scales === undefined || scales.bytes.byteLength !== 4 * (axes + 2)) return null;
  const bytes = Uint8Array.from(scales.bytes); // aligned
  const factors = [...new Float32Array(bytes.buffer)].slice(2);
  const mode = textOf(node, "mode") ?? "nearest";
  const isPlain = (textOf(node, "coordinate_transformation_mode") ?? "half_pixel") === "asymmetric";
  return factors.map((factor) => {
    if (mode === "nearest") return repeatStep(factor);
    const step = 1 / factor;
    return aroundStep(step, isPlain ? 0 : step / 2 - 0.5, mode === "cubic" ? 2 : 1);
  });
}

function listOf({ attributes }: OnnxNode, name: string): readonly number[] | undefined {
  const attribute: Attribute | undefined = attributes[name];
  return attribute !== undefined && "ints" in attribute ? attribute.ints : undefined;
}

function numberOf({ attributes }: OnnxNode, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute !== undefined && "int" in attribute ? attribute.int : otherwise;
}

function textOf({ attributes }: OnnxNode, name: string): string | undefined {
  const attribute = attributes[name];
  return attribute !== undefined && "string" in attribute ? attribute.string : undefined;
}

/**
 * `layer1.0.conv1` of a node called `layer1.0.conv1/Conv`, nothing of `/Relu`, and a name without path
 * itself.
 */
function layerOf({ name, outputs }: OnnxNode): string {
  const path = name || (outputs[0] ?? "");
  const end = path.lastIndexOf("/");
  return end < 0 ? path : path.slice(0, end).replace(/^\//, "");
}
