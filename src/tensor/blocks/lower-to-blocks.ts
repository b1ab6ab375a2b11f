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
  filterGradientOperator,
  transposedConvolutionOperator,
} from "../ops/convolution.ts";
import { binaryOperators, maximum, mul, sub, unaryOperators } from "../ops/elementwise.ts";
import { reshape, sum, sumOperator } from "../ops/movement.ts";
import { mean, meanOperator } from "../ops/reduce.ts";
import { full } from "../ops/source.ts";
import { countUses, type RewriteRule, rewrite, ruleFor } from "../rewrite.ts";
import {
  apply1,
  type Node,
  type One,
  type Operator,
  sameShape,
  shapeOf,
  sizeOfAxis,
  type Tensor,
  type Tensors,
  type Three,
  type Two,
} from "../tensor.ts";
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

/** The rule of one operator, with the types of its inputs and attributes. */
function on<A, I extends Tensors, O extends Tensors>(
  operator: Operator<A, I, O>,
  rule: (context: Context, inputs: I, attrs: A, node: Node<I, O>) => readonly Tensor[] | null,
): [string, BlockRule] {
  return [
    operator.name,
    (context, node, inputs) => ruleFor(operator, (...all) => rule(context, ...all))(node, inputs),
  ];
}

const RULES: ReadonlyMap<string, BlockRule> = new Map([
  on(convolutionOperator, ({ layout }, inputs, attrs) =>
    asPlain(layout, convolutionInBlocks(layout, inputs, attrs)),
  ),
  on(transposedConvolutionOperator, ({ layout }, inputs, attrs, { outputs }) =>
    asPlain(layout, transposedInBlocks(layout, inputs, attrs, outputs[0].shape)),
  ),
  on(filterGradientOperator, ({ layout }, inputs, { shape, ...geometry }) => {
    const dw = filterGradientInBlocks(layout, inputs, geometry, shape);
    return dw === null ? null : [dw];
  }),
  on(channelAffineOperator, affine),
  on(channelDotOperator, dot),
  on(channelMomentsOperator, moments),
  on(sumOperator, overPlaces(sum)),
  on(meanOperator, overPlaces(mean)),
  on(binaryOperators.add, addIntoPass),
  on(binaryOperators.mul, scale),
  on(unaryOperators.relu, reluIntoPass),
]);

function asPlain(layout: BlockLayout, blocks: Tensor | null): readonly Tensor[] | null {
  return blocks === null ? null : [layout.fromBlocks(blocks)];
}

/** Element by element, where an operand lies in blocks already. */
function pointwise({ layout }: Context, { operator, attrs, outputs }: Node, inputs: readonly Tensor[]) {
  const shape = asPicture(outputs[0].shape);
  const carriesOn = inputs.some((x) => sameShape(x.shape, outputs[0].shape) && layout.behind(x) !== null);
  if (shape === null || !carriesOn || outputs[0].dtype !== "float32") return null;
  const operands = inputs.map((x) => layout.operand(x, shape));
  if (operands.some((x) => x === null)) return null;
  return [layout.fromBlocks(apply1(operator, operands as Tensor[], attrs))];
}

function affine({ layout }: Context, [x, gain, shift]: Three) {
  const blocks = layout.behind(x);
  if (blocks === null) return null;
  return [layout.fromBlocks(blockAffine([blocks, gain, shift], NO_ENDING))];
}

/** A factor for each channel: quicker as an affine pass than as a product that broadcasts along short rows. */
function scale({ layout }: Context, [a, b]: Two, _attrs: null, { outputs }: Node<Two, One>) {
  const [x, gain] = layout.behind(a) === null ? [b, a] : [a, b];
  const blocks = layout.behind(x);
  if (blocks === null) return null;
  const c = sizeOfAxis(x, 1, "mul");
  const isPerChannel = gain.size === c && gain.rank >= 3 && gain.shape.at(-3) === c;
  if (!isPerChannel || !sameShape(x.shape, outputs[0].shape)) return null;
  return [layout.fromBlocks(blockAffine([blocks, reshape(gain, [c]), full([c], 0)], NO_ENDING))];
}

function dot({ layout }: Context, [a, b]: Two) {
  if (layout.behind(a) === null && layout.behind(b) === null) return null;
  return [blockDot(layout.toBlocks(a), layout.toBlocks(b))];
}

/** σ² = mean of squares - μ²: both sums are read in one pass each, without centred values being written. */
function moments({ layout }: Context, [x]: One) {
  const blocks = layout.behind(x);
  if (blocks === null) return null;
  const c = sizeOfAxis(x, 1, "channelMoments");
  const mu = reshape(mean(perPicture(blocks, mean), [0]), [c]);
  const squares = mul(blockDot(blocks, blocks), c / x.size);
  return [mu, maximum(sub(squares, mul(mu, mu)), 0)];
}

type Reduction = typeof sum | typeof mean;

/** `[B, C/n, H, W, n]` to `[B, C]`. */
function perPicture(blocks: Tensor, reduce: Reduction): Tensor {
  const [b, count, , , n] = shapeOf(blocks, 5, "blocks");
  return reshape(reduce(blocks, [2, 3]), [b, count * n]);
}

/** Sums and means over the places of a picture, and then over the batch. */
function overPlaces(reduce: Reduction) {
  return ({ layout }: Context, [x]: One, attrs: ReduceAttrs, { outputs }: Node<One, One>) => {
    const blocks = layout.behind(x);
    const axes = attrs.axes.join();
    if (blocks === null || (axes !== "2,3" && axes !== "0,2,3")) return null;
    const each = perPicture(blocks, reduce);
    return [reshape(axes === "2,3" ? each : reduce(each, [0]), outputs[0].shape)];
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
function addIntoPass(context: Context, [a, b]: Two, _attrs: null, { inputs: [oldA, oldB] }: Node<Two, One>) {
  if (!sameShape(a.shape, b.shape)) return null;
  const { layout } = context;
  for (const [old, maker, summand] of [[oldA, a, b] as const, [oldB, b, a] as const]) {
    const made = openPass(context, old, maker);
    if (made === null || (made.attrs as Ending).adds) continue;
    const inputs = [...made.inputs, layout.toBlocks(summand)];
    return [layout.fromBlocks(apply1(made.operator, inputs, { ...(made.attrs as Ending), adds: true }))];
  }
  return null;
}

function reluIntoPass(context: Context, [x]: One, _attrs: null, { inputs: [old] }: Node<One, One>) {
  const made = openPass(context, old, x);
  if (made === null) return null;
  const attrs = { ...(made.attrs as Ending), relu: true };
  return [context.layout.fromBlocks(apply1(made.operator, made.inputs, attrs))];
}
