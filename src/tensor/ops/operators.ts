/** The table of all operators, by name. Walked by the gradient test: an operator cannot arrive untested. */

import { channelAffineOperator, channelDotOperator, channelMomentsOperator } from "./channels.ts";
import { convolutionOperator, filterGradientOperator, transposedConvolutionOperator } from "./convolution.ts";
import {
  binaryOperators,
  castOperator,
  clipOperator,
  powOperator,
  stepOperator,
  unaryOperators,
  whereOperator,
} from "./elementwise.ts";
import {
  gatherAlongOperator,
  gatherOperator,
  scatterAddAxisOperator,
  scatterAddRowsOperator,
} from "./indexing.ts";
import { concatOperator, splitOperator } from "./join.ts";
import { affineOperator, matmulOperator } from "./matmul.ts";
import {
  expandOperator,
  padOperator,
  reshapeOperator,
  reverseOperator,
  sliceOperator,
  sumOperator,
  transposeOperator,
} from "./movement.ts";
import { layerNormOperator } from "./norm.ts";
import { averagePoolOperator, maxPoolOperator, maxUnpoolOperator } from "./pooling.ts";
import { argmaxOperator, maxOperator, meanOperator, minOperator, topKOperator } from "./reduce.ts";
import { resampleOperator } from "./resample.ts";
import { logSoftmaxOperator, softmaxOperator } from "./softmax.ts";
import { constantOperator, derivativeOperator, inputOperator, stopGradientOperator } from "./source.ts";

export const OPERATORS = {
  input: inputOperator,
  constant: constantOperator,
  stopGradient: stopGradientOperator,
  derivative: derivativeOperator,
  reshape: reshapeOperator,
  transpose: transposeOperator,
  expand: expandOperator,
  sum: sumOperator,
  slice: sliceOperator,
  pad: padOperator,
  concat: concatOperator,
  split: splitOperator,
  reverse: reverseOperator,
  ...unaryOperators,
  ...binaryOperators,
  pow: powOperator,
  step: stepOperator,
  clip: clipOperator,
  where: whereOperator,
  cast: castOperator,
  mean: meanOperator,
  max: maxOperator,
  min: minOperator,
  argmax: argmaxOperator,
  topK: topKOperator,
  gather: gatherOperator,
  gatherAlong: gatherAlongOperator,
  scatterAddRows: scatterAddRowsOperator,
  scatterAddAxis: scatterAddAxisOperator,
  matmul: matmulOperator,
  affine: affineOperator,
  softmax: softmaxOperator,
  logSoftmax: logSoftmaxOperator,
  layerNorm: layerNormOperator,
  convolution: convolutionOperator,
  transposedConvolution: transposedConvolutionOperator,
  filterGradient: filterGradientOperator,
  channelAffine: channelAffineOperator,
  channelDot: channelDotOperator,
  channelMoments: channelMomentsOperator,
  maxPool: maxPoolOperator,
  maxUnpool: maxUnpoolOperator,
  averagePool: averagePoolOperator,
  resample: resampleOperator,
} as const;

export type OperatorName = keyof typeof OPERATORS;
