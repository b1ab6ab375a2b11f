import { add, div, mean, mul, sqrt, square, sub, type Tensor } from "../tensor/index.ts";

/**
 * Filters `[O, C, KH, KW]`, each brought to mean 0 and variance 1 / (C·KH·KW), so that it keeps the size of its input.
 * Source: Qiao et al. 2019, arXiv 1903.10520, equation 7, with the factor of Brock et al. 2021, arXiv 2101.08692.
 */
export function standardizeFilters(filters: Tensor): Tensor {
  const fanIn = filters.size / filters.shape[0]!;
  const centred = sub(filters, mean(filters, [1, 2, 3], true));
  const variance = mean(square(centred), [1, 2, 3], true);
  return div(centred, sqrt(mul(add(variance, EPSILON), fanIn)));
}

const EPSILON = 1e-4;
