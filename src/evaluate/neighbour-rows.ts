import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { requireFeatures } from "./checks.ts";
import { nearest } from "./nearest.ts";

export interface NeighbourRowsOptions {
  /** `[N, D]` features of known pictures. */
  bank: Matrix;
  /** `[N, K]`: their labels or numbers. */
  bankRows: Matrix;
  /** `[Q, D]`. */
  queries: Matrix;
  /** The number of neighbours; all of the bank if it has fewer. */
  k: number;
  /** T of a neighbour's weight exp(similarity / T), above 0. */
  temperature: number;
  threads?: number;
}

/**
 * The weighted mean of the rows of the k nearest neighbours by cosine similarity, `[Q, K]`, as `knn` for
 * classes: of labels the share of the votes for each, of numbers a prediction.
 *
 * @throws AfterimageError `evaluate/shape` when there is not one row for each of the bank, `usage/value` for
 * k or a temperature out of range, and what {@link nearest} throws.
 */
export async function neighbourRows(options: NeighbourRowsOptions): Promise<Matrix> {
  const { bank, bankRows, queries, temperature, threads } = options;
  check(options);
  const k = Math.min(options.k, bank.rows);
  const found = await nearest({ queries, gallery: bank, k, ...(threads !== undefined && { threads }) });
  const { cols } = bankRows;
  const data = new Float32Array(queries.rows * cols);
  for (let query = 0; query < queries.rows; query++) {
    const own = (values: Float32Array | Int32Array) => values.subarray(query * k, (query + 1) * k);
    const weights = weightsOf(own(found.scores), temperature);
    for (let c = 0; c < cols; c++) {
      const rows = own(found.indices);
      data[query * cols + c] = weights.reduce(
        (sum, weight, at) => sum + weight * bankRows.data[rows[at]! * cols + c]!,
        0,
      );
    }
  }
  return { rows: queries.rows, cols, data };
}

/** exp(similarity / T), divided by their sum; the nearest is first. */
function weightsOf(similarities: ArrayLike<number>, temperature: number): Float64Array {
  const most = similarities[0]!;
  const raw = Float64Array.from(similarities, (similarity) => Math.exp((similarity - most) / temperature));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}

function check({ bank, bankRows, temperature }: NeighbourRowsOptions): void {
  requireFeatures("the rows of the bank", bankRows);
  if (bankRows.rows !== bank.rows) {
    throw new AfterimageError("evaluate/shape", {
      what: "the rows of labels do not match the bank",
      expected: `${bank.rows}`,
      got: `${bankRows.rows}`,
    });
  }
  if (temperature > 0 && Number.isFinite(temperature)) return;
  throw new AfterimageError("usage/value", {
    what: "the kNN temperature is out of range",
    expected: "a number above 0",
    got: String(temperature),
  });
}
