import { basename, dirname, join } from "node:path";
import { AfterimageError } from "../../errors.ts";
import { decodeIdxLabels, decodeIdxPictures } from "../../formats/idx.ts";
import type { PictureDataset } from "../picture-dataset.ts";
import { stackDataset } from "../stack-dataset.ts";
import type { OpenOptions } from "./open-options.ts";
import { inFile, readBytes } from "./read-bytes.ts";

/**
 * Opens a file of IDX pictures. Its labels come from the file next to it whose name has "labels" and "idx1"
 * instead of "images" and "idx3", gzipped or not.
 *
 * @throws AfterimageError `data/format` for files that are not IDX or do not belong together, `data/missing`
 * when labels are asked for and no such file exists.
 */
export async function openIdx(
  path: string,
  siblings: readonly string[],
  options: OpenOptions,
): Promise<PictureDataset> {
  const pictures = await readBytes(path).then((bytes) => inFile(path, () => decodeIdxPictures(bytes)));
  const labels = options.labels === false ? null : await readLabels(path, siblings, options.labels === true);
  if (labels !== null && labels.length !== pictures.count) {
    throw new AfterimageError("data/format", {
      what: "the IDX files of pictures and labels do not match",
      where: path,
      expected: `${pictures.count} labels`,
      got: `${labels.length}`,
    });
  }
  const stem = basename(path).replace(/\.gz$/, "");
  return stackDataset(
    { ...pictures, channels: 1 },
    {
      canvas: options.canvas,
      names: Array.from({ length: pictures.count }, (_, i) => `${stem}#${i}`),
      labels: labels && Int32Array.from(labels),
      classNames:
        labels && Array.from({ length: labels.reduce((a, b) => Math.max(a, b), 0) + 1 }, (_, i) => `${i}`),
    },
  );
}

async function readLabels(
  path: string,
  siblings: readonly string[],
  asked: boolean,
): Promise<Uint8Array | null> {
  const stem = basename(path).replace(/\.gz$/, "").replace("images", "labels").replace("idx3", "idx1");
  const name = [stem, `${stem}.gz`].find(
    (candidate) => candidate !== basename(path) && siblings.includes(candidate),
  );
  if (name !== undefined) {
    const file = join(dirname(path), name);
    return readBytes(file).then((bytes) => inFile(file, () => decodeIdxLabels(bytes)));
  }
  if (!asked) return null;
  throw new AfterimageError("data/missing", {
    what: "labels are required, but their file is missing",
    where: dirname(path),
    expected: `${stem} or ${stem}.gz`,
  });
}
