import * as tf from "@tensorflow/tfjs";
import { initialValue, sizeOf } from "../../workload.ts";
import type { Form } from "./form.ts";

/**
 * The trained variables, which are created at their first use, and the form of the operations. Names and
 * initial values are PyTorch's. Linear weights are stored as `[in, out]` and filters as
 * `[height, width, in, out]`, TensorFlow's layouts.
 */
export class Parameters {
  readonly form: Form;
  readonly #variables = new Map<string, tf.Variable>();
  count = 0;

  constructor(form: Form) {
    this.form = form;
  }

  get variables(): tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** The variable with PyTorch's name and shape. */
  get(name: string, shape: number[]): tf.Variable {
    const known = this.#variables.get(name);
    if (known !== undefined) return known;
    const value = tf.tensor(initialValue(name, shape), shape);
    const order = { 2: [1, 0], 4: [2, 3, 1, 0] }[shape.length];
    const variable = tf.variable(order === undefined ? value : tf.transpose(value, order));
    this.#variables.set(name, variable);
    this.count += sizeOf(shape);
    return variable;
  }
}

/** `x·W + b` over the last axis of a matrix `[N, in]`. */
export function linear(p: Parameters, name: string, x: tf.Tensor2D, outputs: number): tf.Tensor2D {
  const weight = p.get(`${name}.weight`, [outputs, x.shape[1]]) as tf.Tensor as tf.Tensor2D;
  return tf.add(p.form.product(x, weight), p.get(`${name}.bias`, [outputs]));
}

/** A square convolution of `[B, H, W, C]` without bias, with padding that keeps the size at stride 1. */
export function convolve(
  p: Parameters,
  name: string,
  x: tf.Tensor4D,
  outputs: number,
  size: number,
  stride: number,
): tf.Tensor4D {
  const filter = p.get(`${name}.weight`, [outputs, x.shape[3], size, size]);
  return p.form.convolve(x, filter as tf.Tensor as tf.Tensor4D, stride);
}

/** Layer norm over the last axis, ε 1e-6. */
export function layerNorm(p: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const { mean, variance } = tf.moments(x, 1, true);
  const scale = tf.mul(tf.rsqrt(tf.add(variance, 1e-6)), p.get(`${name}.weight`, [x.shape[1]]));
  return tf.add(tf.mul(tf.sub(x, mean), scale), p.get(`${name}.bias`, [x.shape[1]]));
}

/** Batch norm over the last axis of `[B, H, W, C]` with the batch's statistics, ε 1e-5. */
export function batchNorm(p: Parameters, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const channels = x.shape[3];
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const scale = p.get(`${name}.weight`, [channels]) as tf.Tensor as tf.Tensor1D;
  const offset = p.get(`${name}.bias`, [channels]) as tf.Tensor as tf.Tensor1D;
  return tf.batchNorm4d(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale, 1e-5);
}
