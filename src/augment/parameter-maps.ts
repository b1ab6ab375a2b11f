/** Matrices that are affine in the view's parameters, all computed by one product. */
import { affine, constant, sizeOfAxis, split, type Tensor } from "../tensor/index.ts";

/** `entries` numbers, `bias + Σ parameter · column`; row-major where they form a matrix. */
export interface ParameterMap {
  bias: readonly number[];
  columns: ReadonlyMap<number, readonly number[]>;
}

/** The value of each map for each picture: parameters `[B, P]` to one tensor `[B, entries]` for each map. */
export function applyMaps(parameters: Tensor, maps: readonly ParameterMap[]): readonly Tensor[] {
  if (maps.length === 0) return [];
  const count = sizeOfAxis(parameters, 1, "applyMaps");
  const rows = maps.flatMap(({ bias, columns }) =>
    bias.flatMap((_, entry) =>
      Array.from({ length: count }, (_, parameter) => columns.get(parameter)?.[entry] ?? 0),
    ),
  );
  const bias = maps.flatMap((map) => map.bias);
  const all = affine(parameters, constant(rows, [bias.length, count]), constant(bias, [bias.length]));
  return split(
    all,
    1,
    maps.map((map) => map.bias.length),
  );
}
