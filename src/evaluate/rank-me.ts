import type { Matrix } from "../formats/matrix.ts";
import { requireFeatures } from "./checks.ts";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.ts";

const MOST_ROWS = 2048;
const MOST_SIDE = 768;
/** ε of the paper's equation 1. */
const EPSILON = 1e-7;

export interface RankMe {
  /** Effective rank, from 1 to `limit`; 0 for features that are all zero. */
  rankMe: number;
  /** The highest possible value: the smaller of the number of rows used and the number of columns. */
  limit: number;
  /** The number of rows used. */
  rows: number;
}

/**
 * RankMe: exp(-Σ p·log p) with p = σ/Σσ + 1e-7 over the singular values σ of the features [N, D], which are
 * neither centred nor normalised.
 *
 * Singular values are the roots of the eigenvalues of the smaller Gram matrix, computed in double precision.
 * To stay under a second it uses at most 2,048 evenly spread rows, or 768 if D is larger than that (then
 * `limit` is below D).
 *
 * Source: Garrido et al. 2023, arXiv 2210.02885, equation 1.
 *
 * @throws AfterimageError `evaluate/shape` for features without rows or columns, `evaluate/not-finite` for
 * NaN or infinity.
 */
export function rankMe(features: Matrix): RankMe {
  requireFeatures("the features", features);
  const most = features.cols > MOST_SIDE ? MOST_SIDE : MOST_ROWS;
  const rows = Math.min(features.rows, most);
  const limit = Math.min(rows, features.cols);
  const sigmas = symmetricEigenvalues(gram(spreadRows(features, rows))).map((value) =>
    Math.sqrt(Math.max(0, value)),
  );
  return { rankMe: effectiveRank(sigmas), limit, rows };
}

function effectiveRank(sigmas: Float64Array): number {
  const total = sigmas.reduce((sum, sigma) => sum + sigma, 0);
  if (total === 0) return 0;
  const entropy = sigmas.reduce((sum, sigma) => {
    const p = sigma / total + EPSILON;
    return sum - p * Math.log(p);
  }, 0);
  return Math.exp(entropy);
}

/** `count` rows evenly spread over the matrix, or the columns of these rows if there are fewer columns. */
function spreadRows({ rows, cols, data }: Matrix, count: number): Float64Array[] {
  const start = (i: number) => Math.floor((i * rows) / count) * cols;
  if (count <= cols) {
    return Array.from({ length: count }, (_, i) =>
      Float64Array.from(data.subarray(start(i), start(i) + cols)),
    );
  }
  const columns = Array.from({ length: cols }, () => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    for (let col = 0; col < cols; col++) columns[col]![i] = data[start(i) + col]!;
  }
  return columns;
}

/**
 * The lower triangle of all inner products, in blocks of two by two: each vector read is used for two of
 * them.
 */
function gram(vectors: Float64Array[]): Float64Array[] {
  const size = vectors.length;
  const products = vectors.map(() => new Float64Array(size));
  for (let i = 0; i < size; i += 2) {
    const [a, b] = [vectors[i]!, vectors[i + 1] ?? vectors[i]!];
    for (let j = 0; j <= i; j += 2) {
      const [c, d] = [vectors[j]!, vectors[j + 1] ?? vectors[j]!];
      let [ac, ad, bc, bd] = [0, 0, 0, 0];
      for (let k = 0; k < a.length; k++) {
        const ak = a[k]!;
        const bk = b[k]!;
        const ck = c[k]!;
        const dk = d[k]!;
        ac += ak * ck;
        ad += ak * dk;
        bc += bk * ck;
        bd += bk * dk;
      }
      // Past the end of a row or of the list of rows there is nothing to store.
      products[i]![j] = ac;
      products[i]![j + 1] = ad;
      if (i + 1 < size) {
        products[i + 1]![j] = bc;
        products[i + 1]![j + 1] = bd;
      }
    }
  }
  return products;
}
