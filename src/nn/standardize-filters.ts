import { add, div, mean, mul, sizeOfAxis, sqrt, square, sub, type Tensor } from "../tensor/index.ts";

/**
 * Standardises the weights `[O, …]` of a convolution or a linear layer: those of each output get mean 0 and
 * variance 1 / fan-in, so that outputs are as large as inputs. Source: Qiao et al. 2019, arXiv 1903.10520,
 * equation 7, with the factor of Brock et al. 2021, arXiv 2101.08692.
 */
export function standardizeFilters(filters: Tensor): Tensor {
  const fanIn = filters.size / sizeOfAxis(filters, 0, "standardizeFilters");
  const inputs = filters.shape.slice(1).map((_, i) => i + 1);
  const centred = sub(filters, mean(filters, inputs, true));
  const variance = mean(square(centred), inputs, true);
  return div(centred, sqrt(mul(add(variance, EPSILON), fanIn)));
}

const EPSILON = 1e-4;
