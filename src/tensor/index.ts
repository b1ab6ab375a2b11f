/** Symbolic tensors, their operators, differentiation, and compilation to ONNX. */
export { type CompileOptions, compile, type Program, type ProgramInput } from "./compile.ts";
export type { KernelGap } from "./gaps/fill-gaps.ts";
export { gradients, gradientsFrom, gradientsOrNull, pullBack, topologicalOrder } from "./gradient.ts";
export { channelAffine, channelDot, channelMoments } from "./ops/channels.ts";
export {
  type ConvolutionOptions,
  convolution,
  filterGradient,
  transposedConvolution,
} from "./ops/convolution.ts";
export {
  abs,
  add,
  and,
  cast,
  clip,
  cos,
  div,
  equal,
  erf,
  exp,
  floor,
  gelu,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  not,
  or,
  pow,
  reciprocal,
  relu,
  sigmoid,
  sign,
  silu,
  sin,
  softplus,
  sqrt,
  square,
  step,
  sub,
  tanh,
  where,
} from "./ops/elementwise.ts";
export { gather, gatherAlong, scatterAddAxis, scatterAddRows } from "./ops/indexing.ts";
export {
  INTERPOLATION_MODES,
  type InterpolateOptions,
  type InterpolationMode,
  interpolate,
} from "./ops/interpolate.ts";
export { concat, split } from "./ops/join.ts";
export { affine, matmul } from "./ops/matmul.ts";
export { expand, pad, reshape, reverse, slice, sliceAxis, sum, sumTo, transpose } from "./ops/movement.ts";
export { type BatchNormResult, batchNorm, batchNormWith, groupNorm, layerNorm } from "./ops/norm.ts";
export { OPERATORS, type OperatorName } from "./ops/operators.ts";
export {
  averagePool,
  maxPool,
  maxPoolWithIndices,
  maxUnpool,
  type PoolOptions,
  type PoolWithIndices,
  type UnpoolOptions,
} from "./ops/pooling.ts";
export { argmax, logSumExp, max, mean, min, topK } from "./ops/reduce.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export {
  asTensor,
  constant,
  full,
  input,
  type Operand,
  scalar,
  stopGradient,
  withDerivative,
} from "./ops/source.ts";
export { printGraph } from "./print-graph.ts";
export {
  apply,
  apply1,
  type DType,
  emptyArray,
  labelled,
  type Node,
  type One,
  type Operator,
  type Shape,
  type Sizes,
  sameShape,
  shapeOf,
  sizeOf,
  sizeOfAxis,
  Tensor,
  type TensorData,
  type Three,
  type Two,
} from "./tensor.ts";
