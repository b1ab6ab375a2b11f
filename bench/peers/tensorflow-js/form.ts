import * as tf from "@tensorflow/tfjs";

/**
 * The two operations whose gradients are slow or missing in the library's Wasm back end. Each has two forms
 * here.
 */
export interface Form {
  /** `[N, in]` times `[in, out]`. */
  product: (x: tf.Tensor2D, weight: tf.Tensor2D) => tf.Tensor2D;
  /**
   * Square filter `[height, width, in, out]` over `[B, H, W, C]`, with padding that keeps the size at stride
   * 1.
   */
  convolve: (x: tf.Tensor4D, filter: tf.Tensor4D, stride: number) => tf.Tensor4D;
}

type Binary<T> = (x: T, weight: T) => T;
type Gradient<T> = (dy: T, x: T, weight: T) => T;

/** A function of two tensors with our own derivatives: each one's gradient from the result's gradient. */
function withGradients<T extends tf.Tensor>(
  forward: Binary<T>,
  left: Gradient<T>,
  right: Gradient<T>,
): Binary<T> {
  const differentiable = tf.customGrad((a, b, save) => {
    (save as tf.GradSaveFunc)([a as T, b as T]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, weight] = saved as [T, T];
      return [left(dy as T, x, weight), right(dy as T, x, weight)];
    };
    return { value: forward(a as T, b as T), gradFunc };
  });
  return (a, b) => differentiable(a, b) as T;
}

/** The library's own gradients, and the nearest equivalent if it has none. */
export const libraryForm: Form = {
  product: (x, weight) => tf.matMul(x, weight),
  convolve: (x, filter, stride) =>
    withGradients<tf.Tensor4D>(
      (images, taps) => tf.conv2d(images, taps, stride, padding(taps)),
      (dy, images, taps) => tf.conv2dTranspose(dy, taps, images.shape, stride, padding(taps)),
      (dy, images, taps) =>
        (stride === 1 ? depthOneKernel : productPerTap)(images, dy, taps.shape[0], stride),
    )(x, filter),
};

/** Gradients from the fast kernels: forward convolution and the untransposed matrix product. */
export const tunedForm: Form = {
  product: withGradients<tf.Tensor2D>(
    (x, weight) => tf.matMul(x, weight),
    (dy, _x, weight) => tf.matMul(dy, tf.transpose(weight)),
    (dy, x) => tf.matMul(tf.transpose(x), dy),
  ),
  convolve: (x, filter, stride) =>
    withGradients<tf.Tensor4D>(
      (images, taps) => tf.conv2d(images, taps, stride, padding(taps)),
      (dy, images, taps) =>
        stride === 1
          ? tf.conv2d(dy, tf.transpose(tf.reverse(taps, [0, 1]), [0, 1, 3, 2]), 1, padding(taps))
          : tf.conv2dTranspose(dy, taps, images.shape, stride, padding(taps)),
      (dy, images, taps) => productPerTap(images, dy, taps.shape[0], stride),
    )(x, filter),
};

function padding(filter: tf.Tensor4D): number {
  return (filter.shape[0] - 1) / 2;
}

function padSides(x: tf.Tensor4D, pad: number): tf.Tensor4D {
  const sides: [number, number] = [pad, pad];
  return tf.pad4d(x, [[0, 0], sides, sides, [0, 0]]);
}

/**
 * The filter gradient by the Wasm kernel for three dimensions, with a depth of one. It is used only at stride
 * 1: at larger strides that kernel's values differ from the CPU back end's (observed in 4.22.0).
 */
function depthOneKernel(x: tf.Tensor4D, dy: tf.Tensor4D, size: number): tf.Tensor4D {
  const [inputs, outputs] = [x.shape[3], dy.shape[3]];
  const volumes = { x: tf.expandDims(padSides(x, (size - 1) / 2), 1), dy: tf.expandDims(dy, 1) };
  const attributes = { strides: [1, 1, 1], pad: "valid", filterShape: [1, size, size, inputs, outputs] };
  const gradient: tf.Tensor = tf.engine().runKernel("Conv3DBackpropFilterV2", volumes, attributes);
  return tf.reshape(gradient, [size, size, inputs, outputs]);
}

/**
 * The filter gradient as one product per tap: the transposed output gradient times the pixels that the tap
 * sees.
 */
function productPerTap(x: tf.Tensor4D, dy: tf.Tensor4D, size: number, stride: number): tf.Tensor4D {
  const [batch, height, width, outputs] = dy.shape;
  const [rows, inputs] = [batch * height * width, x.shape[3]];
  const padded = padSides(x, (size - 1) / 2);
  const slopes = tf.transpose(tf.reshape(dy, [rows, outputs])) as tf.Tensor2D;
  const perTap = Array.from({ length: size * size }, (_, tap) => {
    const [top, left] = [Math.floor(tap / size), tap % size];
    const end = [batch, top + stride * (height - 1) + 1, left + stride * (width - 1) + 1, inputs];
    const seen = tf.stridedSlice(padded, [0, top, left, 0], end, [1, stride, stride, 1]);
    return tf.matMul(slopes, tf.reshape(seen, [rows, inputs]) as tf.Tensor2D); // [out, in]
  });
  return tf.reshape(tf.transpose(tf.stack(perTap), [0, 2, 1]), [size, size, inputs, outputs]);
}
