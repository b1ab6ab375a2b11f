import { AfterimageError } from "../errors.ts";
import { textHash } from "./content-hash.ts";
import { makeDataset, type PictureDataset } from "./picture-dataset.ts";
import { pickTargets } from "./read-targets.ts";

/**
 * The pictures of a data set at `indices`, in that order (repeats allowed), as a data set. It reads through
 * its parent. Closing it leaves the parent open, and skipped files are reported by the parent only.
 *
 * @throws AfterimageError `usage/value` when an index is out of range.
 */
export function subset(dataset: PictureDataset, indices: ArrayLike<number>): PictureDataset {
  const chosen = Array.from(indices);
  const stray = chosen.find((index) => !(Number.isInteger(index) && index >= 0 && index < dataset.size));
  if (stray !== undefined) {
    throw new AfterimageError("usage/value", {
      what: "an index of the subset is out of range",
      expected: `an integer in [0, ${dataset.size})`,
      got: `${stray}`,
    });
  }
  const pick = (values: Int32Array) => Int32Array.from(chosen, (index) => values[index]!);
  const targets = pickTargets(dataset, chosen);
  const { written } = dataset;
  return makeDataset(
    {
      canvas: dataset.canvas,
      names: chosen.map((index) => dataset.names[index]!),
      labels: dataset.labels && pick(dataset.labels),
      classNames: dataset.classNames,
      heights: pick(dataset.heights),
      widths: pick(dataset.widths),
      fingerprint: textHash(JSON.stringify([dataset.fingerprint, chosen])),
      skipped: [],
      ...(written && { written: { ...written, rows: chosen.map((index) => written.rows[index]!) } }),
      ...(targets && { targets }),
    },
    {
      read: (batch, out) =>
        dataset.readBatch(
          Int32Array.from(batch, (index) => chosen[index]!),
          out,
        ),
    },
  );
}
