/** What every operator does to the fields of its inputs. */
import type { OperatorName } from "../../tensor/index.ts";
import type { ConvolutionAttrs } from "../../tensor/ops/emit-convolution.ts";
import type { Taps } from "../../tensor/ops/interpolation-taps.ts";
import type { PadAttrs, SliceAttrs } from "../../tensor/ops/movement.ts";
import type { PoolAttrs } from "../../tensor/ops/pooling.ts";
import type { ResampleAttrs } from "../../tensor/ops/resample.ts";
import { type Node, sizeOfAxis, type Tensor } from "../../tensor/tensor.ts";
import { alongOf, type Layout, mixedAxis, plainAxis, plainLayout, reshapeLayout } from "./layout.ts";
import { alsoWhole, joined, type MapState, type Whole, waysOf } from "./map-state.ts";
import {
  type AxisStep,
  aroundStep,
  pickStep,
  repeatStep,
  type Step,
  transposedStep,
  windowStep,
} from "./steps.ts";

/** What a rule is given: the states of the inputs, null for those that the picture does not lead to. */
export interface RuleContext {
  node: Node;
  states: readonly (MapState | null)[];
  /** Those that it leads to, one at least. */
  known: readonly [MapState, ...MapState[]];
}

type Rule = (context: RuleContext, output: Tensor) => MapState;

/** Place by place: pointwise operators, and those that only say how to differentiate. */
const pointwise: Rule = ({ known }, output) => joined(known, output.shape);

/** Whatever it takes, each place of the result may see all of it. */
const mixes: Rule = ({ known, node }, output) => ({
  layout: plainLayout(output.shape),
  branches: [],
  whole: firstOf(waysOf(known).whole, node),
});

const never: Rule = () => {
  throw new Error("no picture leads to an operator without inputs");
};

const convolutionLike =
  (stepOf: typeof windowStep): Rule =>
  (context, output) => {
    const [state] = context.states;
    const isOfPlaces = state != null && alongOf(state.layout[1]!).length === 0;
    if (!isOfPlaces || context.known.length > 1) return mixes(context, output);
    const { stride, padding, dilation } = context.node.attrs as ConvolutionAttrs;
    const kernel = context.node.inputs[1]!.shape.slice(2);
    return throughWindows(context, output, (i) =>
      stepOf({ kernel: kernel[i]!, stride: stride[i], padding: padding[i], dilation: dilation[i] }),
    );
  };

const pooling: Rule = (context, output) => {
  const { kernel, stride, padding } = context.node.attrs as PoolAttrs;
  return throughWindows(context, output, (i) =>
    windowStep({ kernel: kernel[i], stride: stride[i], padding: padding[i] }),
  );
};

/** The value of a window goes to one of its places: that, and which one, is seen from all of them. */
const unpooling: Rule = (context, output) => {
  const { stride, padding } = context.node.attrs as PoolAttrs;
  const [first] = context.known;
  const together = { ...context, known: [{ ...first, ...waysOf(context.known) }] as const };
  return throughWindows(together, output, (i) => {
    const [by, before] = [stride[i], padding[i]];
    return { kernel: 1, stride: 1 / by, low: (before + 1) / by - 1, high: before / by };
  });
};

/** One more layer over the last two axes, where the picture's axes are along them in order. */
function throughWindows(context: RuleContext, output: Tensor, stepOf: (i: 0 | 1) => AxisStep): MapState {
  return throughSteps(context, output, new Map([2, 3].map((axis) => [axis, stepOf((axis - 2) as 0 | 1)])));
}

/** One more layer, with a step along each of some axes of the tensor. */
function throughSteps(context: RuleContext, output: Tensor, steps: ReadonlyMap<number, AxisStep>): MapState {
  const [state] = context.known;
  const changes = new Map<number, AxisStep[]>();
  const layout = output.shape.map((size, axis) => {
    const parts = state.layout[axis]!;
    const step = steps.get(axis);
    if (step === undefined) return placesOf(parts) === size ? parts : plainAxis(size);
    const [first, ...inner] = parts.filter((part) => part.size > 1 || part.along.length > 0);
    if (first === undefined || alongOf(parts).length === 0) return plainAxis(size);
    const isFollowed = first.inOrder && first.along.length === 1 && alongOf(inner).length === 0;
    if (!isFollowed) return null;
    const copies = placesOf(inner);
    changes.set(first.along[0]!, [...(copies > 1 ? [repeatStep(copies)] : []), step]);
    return [{ size, along: first.along, inOrder: true }];
  });
  if (layout.includes(null)) return mixes(context, output);
  return { ...state, layout: layout as Layout, branches: advanced(state, changes, context.node) };
}

function placesOf(parts: Layout[number]): number {
  return parts.reduce((product, part) => product * part.size, 1);
}

/** The branches after steps along axes of the picture. */
function advanced(
  { branches }: MapState,
  changes: ReadonlyMap<number, readonly AxisStep[]>,
  node: Node,
): MapState["branches"] {
  const most = Math.max(0, ...[...changes.values()].map((steps) => steps.length));
  const rounds = Array.from({ length: most }, (_, round): Step => {
    const axes = branches[0]?.fields.map((_, axis) => changes.get(axis)?.at(round - most) ?? null) ?? [];
    return { ...placeOf(node), axes };
  });
  return branches.map((branch) => rounds.reduce((way, step) => way.after(step), branch));
}

const resampling: Rule = (context, output) => {
  const { changes, transposed } = context.node.attrs as ResampleAttrs;
  if (transposed) return mixes(context, output);
  const steps = changes.map(({ axis, taps }) => [output.rank + axis, interpolationStep(taps)] as const);
  return throughSteps(context, output, new Map(steps));
};

function interpolationStep({ kind, step, alignCorners, antialias }: Taps): AxisStep {
  if (kind === "nearest") return { kernel: 1, stride: step, low: -1 + 1e-4, high: 0 };
  if (kind === "nearest-exact") return { kernel: 1, stride: step, low: step / 2 - 1 + 1e-4, high: step / 2 };
  const centre = alignCorners ? 0 : step / 2 - 0.5;
  const reach = (kind === "linear" ? 1 : 2) * (antialias ? Math.max(1, step) : 1);
  return aroundStep(step, antialias ? step / 2 - 0.5 : centre, reach);
}

const reshaping: Rule = ({ known: [state], node }, output) => {
  const { layout, divisions } = reshapeLayout(state.layout, output.shape);
  const changes = new Map<number, AxisStep[]>();
  for (const { axis, by } of divisions)
    changes.set(axis, [...(changes.get(axis) ?? []), windowStep({ kernel: by, stride: by, padding: 0 })]);
  return { ...state, layout, branches: advanced(state, changes, node) };
};

const transposing: Rule = ({ known: [state], node }) => ({
  ...state,
  layout: (node.attrs as readonly number[]).map((axis) => state.layout[axis]!),
});

/** Sums over axes: over those of the picture, every place that is left sees the whole. */
const reducing: Rule = (context, output) => {
  const { node, known } = context;
  const [state] = known;
  const { axes, keepDims } = node.attrs as { axes: readonly number[]; keepDims: boolean };
  if (axes.some((axis) => alongOf(state.layout[axis]!).length > 0)) return mixes(context, output);
  const layout = state.layout.flatMap((parts, axis) => {
    if (!axes.includes(axis)) return [parts];
    return keepDims ? [[]] : [];
  });
  return { ...state, layout };
};

const argmax: Rule = (context, output) => {
  const [state] = context.known;
  const axis = context.node.attrs as number;
  if (alongOf(state.layout[axis]!).length > 0) return mixes(context, output);
  return { ...state, layout: state.layout.toSpliced(axis, 1) };
};

const topK: Rule = (context, output) => {
  const [state] = context.known;
  const { axis, k } = context.node.attrs as { axis: number; k: number };
  if (alongOf(state.layout[axis]!).length > 0) return mixes(context, output);
  return { ...state, layout: state.layout.with(axis, plainAxis(k)) };
};

/** Divided by something of the whole axis: a place sees its own, and through the divisor all others. */
const normalising =
  (axisOf: (node: Node) => number): Rule =>
  ({ node, known: [state] }) => {
    const along = alongOf(state.layout.at(axisOf(node)) ?? []);
    return along.length === 0 ? state : alsoWhole(state, placeOf(node));
  };

const slicing: Rule = (context, output) => {
  const { starts, steps } = context.node.attrs as SliceAttrs;
  return moved(context, output, (axis) => pickStep(starts[axis]!, steps[axis]!));
};

const padding: Rule = (context, output) => {
  const { before } = context.node.attrs as PadAttrs;
  return moved(context, output, (axis) => pickStep(-before[axis]!, 1));
};

/** Axes of which a part is taken, or to which something is added. */
function moved(context: RuleContext, output: Tensor, stepOf: (axis: number) => AxisStep): MapState {
  const [state] = context.known;
  const input = context.node.inputs[0]!;
  const isChanged = (axis: number) => {
    const { low, stride } = stepOf(axis);
    return low !== 0 || stride !== 1 || output.shape[axis] !== input.shape[axis];
  };
  const changed = output.shape.flatMap((_, axis) => (isChanged(axis) ? [axis] : []));
  const isMixed = (axis: number) =>
    state.layout[axis]!.length > 1 || !(state.layout[axis]![0]?.inOrder ?? true);
  const layout = state.layout.map((parts, axis) =>
    changed.includes(axis) && isMixed(axis) ? mixedAxis(sizeOfAxis(output, axis, "fields"), parts) : parts,
  );
  const plain = { ...context, known: [{ ...state, layout }] as const };
  const followed = changed.filter((axis) => !isMixed(axis));
  return throughSteps(plain, output, new Map(followed.map((axis) => [axis, stepOf(axis)])));
}

const joining: Rule = ({ node, states, known }, output) => {
  const axis = node.attrs as number;
  const parts = states.flatMap((state) => state?.layout[axis] ?? []);
  const { layout } = joined(known, output.shape);
  return {
    layout: layout.with(axis, mixedAxis(sizeOfAxis(output, axis, "fields"), parts)),
    ...waysOf(known),
  };
};

const splitting: Rule = ({ node, known: [state] }, output) => {
  const { axis } = node.attrs as { axis: number };
  const parts = mixedAxis(sizeOfAxis(output, axis, "fields"), state.layout[axis]!);
  return { ...state, layout: state.layout.with(axis, parts) };
};

const reversing: Rule = ({ node, known: [state] }, output) => {
  const axes = node.attrs as readonly number[];
  const layout = state.layout.map((parts, axis) =>
    axes.includes(axis) ? mixedAxis(sizeOfAxis(output, axis, "fields"), parts) : parts,
  );
  return { ...state, layout };
};

const gathering: Rule = (context, output) => {
  const { node, states } = context;
  const [state, places] = states;
  if (state === null || state === undefined || places !== null) return mixes(context, output);
  const axis = node.attrs as number;
  const rank = node.inputs[1]!.rank;
  const picked = Array.from({ length: rank }, (_, i) =>
    mixedAxis(sizeOfAxis(output, axis + i, "fields"), state.layout[axis]!),
  );
  return { ...state, layout: state.layout.toSpliced(axis, 1, ...picked) };
};

const multiplying: Rule = (context, output) => {
  const { node, states } = context;
  const isAffine = node.operator.name === "affine"; // x · weightᵀ
  const { transposeA = false, transposeB = isAffine } = (node.attrs ?? {}) as MatmulFlags;
  const [rows, summedA] = lastTwo(states[0], transposeA);
  const [summedB, columns] = lastTwo(states[1], transposeB);
  const isMixed = alongOf(summedA).length + alongOf(summedB).length > 0;
  const batch = joined(
    context.known.map((state) => ({ ...state, layout: state.layout.slice(0, -2) })),
    output.shape.slice(0, -2),
  );
  const sizes = [-2, -1].map((axis) => sizeOfAxis(output, axis, "fields"));
  const own = [rows, columns].map((parts, i) => (alongOf(parts).length > 0 ? parts : plainAxis(sizes[i]!)));
  const layout = [...batch.layout, ...own];
  if (!isMixed) return { ...waysOf(context.known), layout };
  // As the rows of attention's weights, which belong to places, times values of all places.
  const kept = states
    .filter((_, i) => alongOf([rows, columns][i] ?? []).length > 0)
    .filter((state) => state !== null);
  return {
    layout,
    branches: waysOf(kept as MapState[]).branches,
    whole: firstOf(waysOf(context.known).whole, node),
  };
};

interface MatmulFlags {
  transposeA?: boolean;
  transposeB?: boolean;
}

function lastTwo(state: MapState | null | undefined, turned: boolean): [Layout[number], Layout[number]] {
  const [rows = [], columns = []] = state?.layout.slice(-2) ?? [];
  return turned ? [columns, rows] : [rows, columns];
}

function placeOf({ label, operator }: Node): Whole {
  return { layer: label, operator: operator.name };
}

function firstOf(whole: readonly Whole[], node: Node): readonly Whole[] {
  return whole.length > 0 ? whole : [placeOf(node)];
}

const lastAxis = () => -1;
const axisInAttrs = ({ attrs }: Node) => attrs as number;

/** Of every operator, so that a new one is not forgotten. Graphs that are differentiated are not walked. */
export const RULES: Readonly<Record<OperatorName, Rule>> = {
  input: never,
  constant: never,
  stopGradient: pointwise,
  derivative: ({ states, known: [first] }) => states[0] ?? first,
  reshape: reshaping,
  transpose: transposing,
  expand: pointwise,
  sum: reducing,
  slice: slicing,
  pad: padding,
  concat: joining,
  split: splitting,
  reverse: reversing,
  neg: pointwise,
  exp: pointwise,
  log: pointwise,
  sqrt: pointwise,
  reciprocal: pointwise,
  abs: pointwise,
  sin: pointwise,
  cos: pointwise,
  tanh: pointwise,
  sigmoid: pointwise,
  softplus: pointwise,
  relu: pointwise,
  erf: pointwise,
  gelu: pointwise,
  sign: pointwise,
  floor: pointwise,
  not: pointwise,
  add: pointwise,
  sub: pointwise,
  mul: pointwise,
  div: pointwise,
  maximum: pointwise,
  minimum: pointwise,
  greater: pointwise,
  greaterEqual: pointwise,
  less: pointwise,
  lessEqual: pointwise,
  equal: pointwise,
  and: pointwise,
  or: pointwise,
  pow: pointwise,
  step: pointwise,
  clip: pointwise,
  where: pointwise,
  cast: pointwise,
  mean: reducing,
  max: reducing,
  min: reducing,
  argmax,
  topK,
  gather: gathering,
  gatherAlong: mixes,
  scatterAddRows: mixes,
  scatterAddAxis: mixes,
  matmul: multiplying,
  affine: multiplying,
  softmax: normalising(axisInAttrs),
  logSoftmax: normalising(axisInAttrs),
  layerNorm: normalising(lastAxis),
  convolution: convolutionLike(windowStep),
  transposedConvolution: convolutionLike(transposedStep),
  filterGradient: mixes,
  channelAffine: pointwise,
  channelDot: mixes,
  channelMoments: mixes,
  maxPool: pooling,
  maxUnpool: unpooling,
  averagePool: pooling,
  resample: resampling,
};
