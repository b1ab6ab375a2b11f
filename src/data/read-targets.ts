/** Reads the targets of a data set: columns and masks by name, and their rows for a batch. */
import { AfterimageError } from "../errors.ts";
import { textHash } from "./content-hash.ts";
import type { PictureDataset } from "./picture-dataset.ts";
import { LABEL, type MaskSource, type TargetColumn, type Targets, type WantedTarget } from "./targets.ts";

/** Targets by name: rows `[b, …shape]`, masks uint8 `[b, canvas, canvas]`. */
export type TargetArrays = Readonly<Record<string, Int32Array | Float32Array | Uint8Array>>;

/** Reads the wanted targets of pictures. */
export class TargetReader {
  readonly #canvas: number;
  readonly #columns: readonly (readonly [string, TargetColumn])[];
  readonly #masks: readonly (readonly [string, MaskSource])[];

  constructor(dataset: PictureDataset, wanted: readonly WantedTarget[]) {
    const named = (per: WantedTarget["per"]) => wanted.filter((one) => one.per === per);
    this.#canvas = dataset.canvas;
    this.#columns = named("picture").map(({ name }) => [name, targetColumn(dataset, name)]);
    this.#masks = named("pixel").map(({ name }) => [name, targetMasks(dataset, name)]);
  }

  rows(indices: Int32Array): TargetArrays {
    return Object.fromEntries(this.#columns.map(([name, column]) => [name, targetRows(column, indices)]));
  }

  async masks(indices: Int32Array): Promise<TargetArrays> {
    const read = this.#masks.map(async ([name, source]) => {
      const out = new Uint8Array(indices.length * this.#canvas ** 2);
      await source.read(indices, out);
      return [name, out] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }
}

/**
 * The column called `name`; `label` is the class of each picture unless there is a column of that name.
 *
 * @throws AfterimageError `data/targets` when the data set has none.
 */
export function targetColumn(dataset: PictureDataset, name: string): TargetColumn {
  const column = dataset.targets?.rows?.[name];
  if (column !== undefined) return column;
  if (name === LABEL && dataset.labels !== null) return { dtype: "int32", shape: [], data: dataset.labels };
  throw noTarget(dataset, name, "a row for each picture");
}

/** @throws AfterimageError `data/targets` when the data set has no masks of that name. */
export function targetMasks(dataset: PictureDataset, name: string): MaskSource {
  const masks = dataset.targets?.masks?.[name];
  if (masks !== undefined) return masks;
  throw noTarget(dataset, name, "a mask for each picture");
}

/** The rows of a column at `indices`. */
export function targetRows({ data, shape }: TargetColumn, indices: Int32Array): Int32Array | Float32Array {
  const width = shape.reduce((size, axis) => size * axis, 1);
  const rows =
    data instanceof Int32Array
      ? new Int32Array(indices.length * width)
      : new Float32Array(indices.length * width);
  for (const [row, index] of indices.entries())
    rows.set(data.subarray(index * width, (index + 1) * width), row * width);
  return rows;
}

/** The targets of some pictures of a data set, in the order of `chosen`. */
export function pickTargets({ targets }: PictureDataset, chosen: readonly number[]): Targets | undefined {
  if (targets === undefined) return undefined;
  const { rows = {}, masks = {} } = targets;
  const indices = Int32Array.from(chosen);
  const mapped = (batch: ArrayLike<number>) => Int32Array.from(batch, (index) => chosen[index]!);
  return {
    rows: mapValues(rows, (column) => ({ ...column, data: targetRows(column, indices) })),
    masks: mapValues(masks, ({ fingerprint, read }) => ({
      fingerprint: textHash(JSON.stringify([fingerprint, chosen])),
      read: (batch: ArrayLike<number>, out: Uint8Array) => read(mapped(batch), out),
    })),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function noTarget({ targets, labels }: PictureDataset, name: string, expected: string): AfterimageError {
  const known = [
    ...Object.keys(targets?.rows ?? {}),
    ...Object.keys(targets?.masks ?? {}),
    ...(labels === null ? [] : [LABEL]),
  ];
  return new AfterimageError("data/targets", {
    what: "the pictures do not have a target that the objective needs",
    where: name,
    expected,
    got: known.length === 0 ? "no targets" : `only ${[...new Set(known)].join(", ")}`,
  });
}
