/**
 * Brings a graph that has been differentiated into the layout in which ONNX Runtime's CPU provider convolves fastest:
 * pictures in blocks of channels. Convolutions begin it, what works element by element carries it on, and sums over
 * pictures end it; between them nothing is turned back. A sum and a ReLU that follow are done in the same pass.
 *
 * Every rule makes the same numbers as the operator it replaces, up to rounding.
 */

import type { ReduceAttrs } from "../ops/axes.ts";
import { channelAffineOperator, channelDotOperator, channelMomentsOperator } from "../ops/channels.ts";
import {
  convolutionOperator,
  type FilterGradientAttrs,
  filterGradientOperator,
  transposedConvolutionOperator,
} from "../ops/convolution.ts";
import { binaryOperators, maximum, mul, sub, unaryOperators } from "../ops/elementwise.ts";
import type { ConvolutionAttrs } from "../ops/emit-convolution.ts";
import type { TransposedAttrs } from "../ops/emit-transposed-convolution.ts";
import { reshape, sum, sumOperator } from "../ops/movement.ts";
import { mean, meanOperator } from "../ops/reduce.ts";
import { full } from "../ops/source.ts";
import { countUses, type RewriteRule, rewrite } from "../rewrite.ts";
import { apply1, type Node, type Operator, sameShape, type Tensor } from "../tensor.ts";
import { convolutionInBlocks, filterGradientInBlocks, transposedInBlocks } from "./block-convolutions.ts";
import {
  blockAffine,
  blockAffineOperator,
  blockConvolutionOperator,
  blockDot,
  type Ending,
  NO_ENDING,
} from "./block-operators.ts";
import { asPicture, BlockLayout } from "./layout.ts";

interface Context {
  layout: BlockLayout;
  /** Whether a tensor of the old graph has one use only, so that what made it may do more. */
  isUsedOnce(tensor: Tensor): boolean;
}

type BlockRule = (context: Context, node: Node, inputs: readonly Tensor[]) => readonly Tensor[] | null;

/** The graph of `outputs` with pictures in blocks of `n` channels where that is better. */
export function lowerToBlocks(
  outputs: Readonly<Record<string, Tensor>>,
  n: number,
): Readonly<Record<string, Tensor>> {
  const uses = countUses(Object.values(outputs));
  const context: Context = {
    layout: new BlockLayout(n),
    isUsedOnce: (tensor) => uses.get(tensor) === 1,
  };
  const rule: RewriteRule = (node, inputs) => {
    const special = RULES.get(node.operator.name)?.(context, node, inputs);
    return special ?? (node.operator.pointwise ? pointwise(context, node, inputs) : null);
  };
  return rewrite(outputs, rule);
}

const RULES: ReadonlyMap<string, BlockRule> = new Map<string, BlockRule>([
  [
    convolutionOperator.name,
    ({ layout }, { attrs }, inputs) =>
      asPlain(layout, convolutionInBlocks(layout, inputs, attrs as ConvolutionAttrs)),
  ],
  [
    transposedConvolutionOperator.name,
    ({ layout }, { attrs, outputs }, inputs) =>
      asPlain(layout, transposedInBlocks(layout, inputs, attrs as TransposedAttrs, outputs[0]!.shape)),
  ],
  [
    filterGradientOperator.name,
    ({ layout }, { attrs }, inputs) => {
      const { shape, ...geometry } = attrs as FilterGradientAttrs;
      const dw = filterGradientInBlocks(layout, inputs, geometry, shape);
      return dw === null ? null : [dw];
    },
  ],
  [channelAffineOperator.name, affine],
  [channelDotOperator.name, dot],
  [channelMomentsOperator.name, moments],
  [sumOperator.name, overPlaces(sum)],
  [meanOperator.name, overPlaces(mean)],
  [binaryOperators.add.name, addIntoPass],
  [binaryOperators.mul.name, scale],
  [unaryOperators.relu.name, reluIntoPass],
]);

function asPlain(layout: BlockLayout, blocks: Tensor | null): readonly Tensor[] | null {
  return blocks === null ? null : [layout.fromBlocks(blocks)];
}

/** Element by element, where an operand lies in blocks already. */
function pointwise({ layout }: Context, { operator, attrs, outputs }: Node, inputs: readonly Tensor[]) {
  const shape = asPicture(outputs[0]!.shape);
  const carriesOn = inputs.some((x) => sameShape(x.shape, outputs[0]!.shape) && layout.behind(x) !== null);
  if (shape === null || !carriesOn || outputs[0]!.dtype !== "float32") return null;
  const operands = inputs.map((x) => layout.operand(x, shape));
  if (operands.some((x) => x === null)) return null;
  return [layout.fromBlocks(apply1(operator, operands as Tensor[], attrs))];
}

function affine({ layout }: Context, _node: Node, [x, gain, shift]: readonly Tensor[]) {
  const blocks = layout.behind(x!);
  if (blocks === null) return null;
  return [layout.fromBlocks(blockAffine([blocks, gain!, shift!], NO_ENDING))];
}

/** A factor for each channel: quicker as an affine pass than as a product that broadcasts along short rows. */
function scale({ layout }: Context, { outputs }: Node, inputs: readonly Tensor[]) {
  const [x, gain] = layout.behind(inputs[0]!) === null ? inputs.toReversed() : inputs;
  const blocks = layout.behind(x!);
  const c = x!.shape[1]!;
  const isPerChannel = gain!.size === c && gain!.rank >= 3 && gain!.shape.at(-3) === c;
  if (blocks === null || !isPerChannel || !sameShape(x!.shape, outputs[0]!.shape)) return null;
  return [layout.fromBlocks(blockAffine([blocks, reshape(gain!, [c]), full([c], 0)], NO_ENDING))];
}

function dot({ layout }: Context, _node: Node, [a, b]: readonly Tensor[]) {
  if (layout.behind(a!) === null && layout.behind(b!) === null) return null;
  return [blockDot(layout.toBlocks(a!), layout.toBlocks(b!))];
}

/** σ² = mean of squares - μ²: both sums are read in one pass each, without centred values being written. */
function moments({ layout }: Context, _node: Node, [x]: readonly Tensor[]) {
  const blocks = layout.behind(x!);
  if (blocks === null) return null;
  const mu = reshape(mean(perPicture(blocks, mean), [0]), [x!.shape[1]!]);
  const squares = mul(blockDot(blocks, blocks), x!.shape[1]! / x!.size);
  return [mu, maximum(sub(squares, mul(mu, mu)), 0)];
}

type Reduction = typeof sum | typeof mean;

/** `[B, C/n, H, W, n]` to `[B, C]`. */
function perPicture(blocks: Tensor, reduce: Reduction): Tensor {
  const [b, count, , , n] = blocks.shape as [number, number, number, number, number];
  return reshape(reduce(blocks, [2, 3]), [b, count * n]);
}

/** Sums and means over the places of a picture, and then over the batch. */
function overPlaces(reduce: Reduction): BlockRule {
  return ({ layout }, { attrs, outputs }, [x]) => {
    const blocks = layout.behind(x!);
    const axes = (attrs as ReduceAttrs).axes.join();
    if (blocks === null || (axes !== "2,3" && axes !== "0,2,3")) return null;
    const each = perPicture(blocks, reduce);
    return [reshape(axes === "2,3" ? each : reduce(each, [0]), outputs[0]!.shape)];
  };
}

/** What can add and cut off at 0 in the pass that makes a result. */
const PASSES: readonly Operator[] = [blockConvolutionOperator as Operator, blockAffineOperator as Operator];

/** The node behind `x`, if it may still take more into its pass. */
function openPass(context: Context, old: Tensor, x: Tensor): Node | null {
  const node = context.layout.behind(x)?.node;
  if (node === undefined || !PASSES.some(({ name }) => name === node.operator.name)) return null;
  return context.isUsedOnce(old) && !(node.attrs as Ending).relu ? node : null;
}

/** a + b, added in the pass that makes one of them. */
function addIntoPass(context: Context, node: Node, [a, b]: readonly Tensor[]) {
  if (!sameShape(a!.shape, b!.shape)) return null;
  const { layout } = context;
  for (const [index, summand] of [b!, a!].entries()) {
    const made = openPass(context, node.inputs[index]!, [a!, b!][index]!);
    if (made === null || (made.attrs as Ending).adds) continue;
    const inputs = [...made.inputs, layout.toBlocks(summand)];
    return [layout.fromBlocks(apply1(made.operator, inputs, { ...(made.attrs as Ending), adds: true }))];
  }
  return null;
}

function reluIntoPass(context: Context, node: Node, [x]: readonly Tensor[]) {
  const made = openPass(context, node.inputs[0]!, x!);
  if (made === null) return null;
  const attrs = { ...(made.attrs as Ending), relu: true };
  return [context.layout.fromBlocks(apply1(made.operator, made.inputs, attrs))];
}
