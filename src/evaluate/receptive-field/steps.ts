/** What layers do to the places of a map, one axis at a time: which samples one place of the result sees. */
import { effectiveKernel } from "../../nn/effective-kernel.ts";

/**
 * Along one axis, place v of the result sees the samples ⌈v·stride + low⌉ … ⌊v·stride + high⌋. These may lie
 * outside of the map, in its padding.
 */
export interface AxisStep {
  /**
   * Samples that one place sees, k_eff; no whole number where a transposed convolution has fewer at times.
   */
  readonly kernel: number;
  /** Samples from one place to the next: below 1 where the map grows. */
  readonly stride: number;
  readonly low: number;
  readonly high: number;
}

/** A layer on the way from the picture: what it does along each axis, null where it does nothing. */
export interface Step {
  /** Its path in the network, `layer1.0.conv1`. */
  readonly layer: string;
  readonly operator: string;
  readonly axes: readonly (AxisStep | null)[];
}

export interface WindowOptions {
  kernel: number;
  stride: number;
  padding: number;
  dilation?: number;
}

/** Convolution or pooling: v sees k_eff samples from v·stride - padding on. */
export function windowStep({ kernel, stride, padding, dilation = 1 }: WindowOptions): AxisStep {
  const reach = effectiveKernel(kernel, dilation);
  return { kernel: reach, stride, low: -padding, high: reach - 1 - padding };
}

/**
 * A transposed convolution: v sees the samples u for which v = u·stride - padding + dilation·t has a tap t.
 */
export function transposedStep({ kernel, stride, padding, dilation = 1 }: WindowOptions): AxisStep {
  const reach = effectiveKernel(kernel, dilation);
  return {
    kernel: (reach - 1) / stride + 1,
    stride: 1 / stride,
    low: (padding - reach + 1) / stride,
    high: padding / stride,
  };
}

/** Copies: v sees the one sample ⌊v / factor⌋. */
export function repeatStep(factor: number): AxisStep {
  return { kernel: 1, stride: 1 / factor, low: 1 / factor - 1, high: 0 };
}

/** Every `stride`-th sample from `start` on. */
export function pickStep(start: number, stride: number): AxisStep {
  return { kernel: 1, stride, low: start, high: start };
}

/** v sees the samples whose distance from v·stride + centre is below `reach`. */
export function aroundStep(stride: number, centre: number, reach: number): AxisStep {
  return {
    kernel: 2 * reach,
    stride,
    low: centre - reach + 2 * ROUNDING,
    high: centre + reach - 2 * ROUNDING,
  };
}

/** What is this near a sample is at it: the places are products of numbers that float64 rounds. */
const ROUNDING = 1e-6;

export interface Interval {
  first: number;
  last: number;
}

/** The samples that the places of an interval see; none if `last` is below `first`. */
export function seenBy({ stride, low, high }: AxisStep, { first, last }: Interval): Interval {
  return {
    first: Math.ceil(first * stride + low - ROUNDING),
    last: Math.floor(last * stride + high + ROUNDING),
  };
}
