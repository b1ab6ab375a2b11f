/** Gaussian blur as two matrices, with reflected borders; in windows for large pictures. */
import {
  constant,
  div,
  exp,
  less,
  matmul,
  mul,
  reshape,
  sizeOfAxis,
  sliceAxis,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { blurAll, blurChosen } from "./blur-chosen.ts";
import { blurInWindows, reflect } from "./blur-in-windows.ts";
import { NO_BLUR, PARAMETER } from "./view-parameters.ts";
import type { BlurSpec } from "./view-spec.ts";
import type { ViewStep } from "./view-step.ts";

/**
 * The number of elements from which the matrices of all distances, `[radius + 1, n²]`, are too large for a
 * graph.
 */
const LARGE = 2 ** 24;

/**
 * Blurs pictures of `size` × `size` by `kernel` (odd) taps of a Gaussian whose weights add up to 1.
 * Source: torchvision `gaussian_blur`.
 */
export function gaussianBlur({ kernel, probability }: BlurSpec, size: number): ViewStep {
  const radius = (kernel - 1) / 2;
  if ((radius + 1) * size ** 2 > LARGE) return windowedBlur(radius);
  const mirrored = reflections(radius, size);
  return {
    maps: [],
    apply(x, _, parameters) {
      const b = sizeOfAxis(x, 0, "gaussianBlur");
      const exponents = exponentsOf(parameters);
      const matrices = reshape(matmul(halfGaussian(exponents, radius), mirrored), [b, size, size]);
      if (probability === 1) return blurAll(x, matrices);
      return blurChosen(x, matrices, less(reshape(exponents, [b]), NO_BLUR));
    },
  };
}

/**
 * Blurs all pictures. The Gaussian of pictures that stay unchanged has only its middle, so blurring changes
 * nothing.
 */
function windowedBlur(radius: number): ViewStep {
  return {
    maps: [],
    apply: (x, _, parameters) => blurInWindows(x, halfGaussian(exponentsOf(parameters), radius)),
  };
}

/** 1 / (2σ²) of each picture, `[B, 1]`. */
function exponentsOf(parameters: Tensor): Tensor {
  return sliceAxis(parameters, 1, PARAMETER.blur, PARAMETER.blur + 1);
}

/** The weights at distance 0 … radius, `[B, radius + 1]`; exponents are 1 / (2σ²), `[B, 1]`. */
function halfGaussian(exponents: Tensor, radius: number): Tensor {
  const distances = Array.from({ length: radius + 1 }, (_, d) => d);
  const weights = exp(
    mul(
      exponents,
      constant(
        distances.map((d) => -d * d),
        [1, radius + 1],
      ),
    ),
  );
  const times = constant(
    distances.map((d) => (d === 0 ? 1 : 2)),
    [1, radius + 1],
  );
  return div(weights, sum(mul(weights, times), [1], true));
}

/** For each distance the n×n matrix that adds up the pixels so far away, `[radius + 1, n²]`. */
function reflections(radius: number, n: number): Tensor {
  const data = new Float32Array((radius + 1) * n * n);
  for (let to = 0; to < n; to++) {
    for (let d = -radius; d <= radius; d++) {
      data[(Math.abs(d) * n + to) * n + reflect(to + d, n)]! += 1;
    }
  }
  return constant(data, [radius + 1, n * n]);
}
