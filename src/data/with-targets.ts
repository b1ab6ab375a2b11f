import { AfterimageError } from "../errors.ts";
import { bytesOf } from "../formats/named-array.ts";
import { contentHash, textHash } from "./content-hash.ts";
import type { PictureDataset } from "./picture-dataset.ts";
import type { TargetColumn, Targets } from "./targets.ts";

/**
 * The same pictures with further targets. Closing it closes `dataset`.
 *
 * @throws AfterimageError `data/format` when a column does not have one row for each picture.
 */
export function withTargets(dataset: PictureDataset, { rows = {}, masks = {} }: Targets): PictureDataset {
  for (const [name, column] of Object.entries(rows)) requireRows(name, column, dataset.size);
  const own = [
    ...Object.entries(rows).map(([name, { data }]) => [name, contentHash(bytesOf(data))]),
    ...Object.entries(masks).map(([name, { fingerprint }]) => [name, fingerprint]),
  ];
  const { targets = {} } = dataset;
  return {
    ...dataset,
    readBatch: (indices, out) => dataset.readBatch(indices, out),
    close: () => dataset.close(),
    fingerprint: textHash(JSON.stringify([dataset.fingerprint, own])),
    targets: { rows: { ...targets.rows, ...rows }, masks: { ...targets.masks, ...masks } },
  };
}

function requireRows(name: string, { data, shape }: TargetColumn, pictures: number): void {
  const expected = pictures * shape.reduce((size, axis) => size * axis, 1);
  if (data.length === expected) return;
  throw new AfterimageError("data/format", {
    what: "a target does not have one row for each picture",
    where: name,
    expected: `${expected} numbers, ${pictures} rows of shape [${shape}]`,
    got: `${data.length}`,
  });
}
