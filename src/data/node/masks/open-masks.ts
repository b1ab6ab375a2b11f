/** The masks of a data set's pictures, from a folder. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AfterimageError } from "../../../errors.ts";
import { contentHash, textHash } from "../../content-hash.ts";
import { fitMask, type LabelMap } from "../../fit-mask.ts";
import { pairMasks } from "../../pair-masks.ts";
import type { PictureDataset } from "../../picture-dataset.ts";
import type { MaskSource } from "../../targets.ts";
import { fsReason } from "../fs-error.ts";
import type { Colour } from "./file-palette.ts";
import { readMask } from "./read-mask.ts";

export interface OpenMasksOptions {
  /** The path of a picture's mask in the folder, see {@link pairMasks}. Default `{stem}`, with any ending. */
  pattern?: string;
  /** The colours of the labels 0, 1, … of masks in colours. */
  colours?: readonly Colour[];
  /**
   * The class of each label, 255 for one that is ignored; labels may share a class. By default a label is its
   * class.
   */
  classOf?: ReadonlyMap<number, number>;
}

export interface OpenMasks extends MaskSource {
  /** Pixels of each value, as they are in the files: `[256]`. */
  readonly pixels: Float64Array;
  /** What a user should know, a sentence each. */
  readonly notes: readonly string[];
}

/** Files that may be masks; JPEG among them, so that it is refused by name. */
const MASK_NAME = /\.(png|gif|tiff?|jpe?g|bmp|webp)$/i;

/**
 * Reads the masks of all pictures into memory, at the pictures' sizes on their canvases: a byte for each
 * pixel of a picture.
 *
 * @throws AfterimageError `data/missing` for a folder that cannot be read; `data/targets` for pictures and
 * masks that do not pair, a mask whose proportions are not those of its picture, or a label without a class;
 * `data/format` and `data/targets` as {@link readMask}.
 */
export async function openMasks(
  folder: string,
  pictures: Pick<PictureDataset, "names" | "canvas" | "heights" | "widths">,
  options: OpenMasksOptions = {},
): Promise<OpenMasks> {
  const { pattern, colours, classOf } = options;
  const names = await maskNames(folder);
  const pixels = new Float64Array(256);
  const notes = new Set<string>();
  const masks: LabelMap[] = [];
  for (const [i, name] of pairMasks(pictures.names, names, pattern).entries()) {
    const bytes = await readFile(join(folder, name));
    const mask = await readMask(bytes, { name, ...(colours && { colours }) });
    for (const label of mask.labels) pixels[label]!++;
    for (const note of mask.notes) notes.add(note);
    const fitted = fitMask(mask, pictures.canvas);
    requireSameSize(name, fitted, { height: pictures.heights[i]!, width: pictures.widths[i]! });
    masks.push(classOf === undefined ? fitted : classed(name, fitted, classOf));
  }
  const hashes = masks.map(({ labels, width }) => `${width} ${contentHash(labels)}`);
  return {
    fingerprint: textHash(hashes.join()),
    pixels,
    notes: [...notes],
    read(indices, out) {
      const { canvas } = pictures;
      for (let i = 0; i < indices.length; i++)
        place(masks[indices[i]!]!, canvas, out.subarray(i * canvas ** 2, (i + 1) * canvas ** 2));
    },
  };
}

async function maskNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, encoding: "utf8" }).catch((cause: unknown) => {
    throw new AfterimageError(
      "data/missing",
      { what: "the folder of masks cannot be read", where: folder, got: fsReason(cause) },
      { cause },
    );
  });
  return entries
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => MASK_NAME.test(name))
    .sort();
}

function requireSameSize(name: string, mask: LabelMap, picture: { height: number; width: number }): void {
  if (mask.height === picture.height && mask.width === picture.width) return;
  const size = ({ height, width }: { height: number; width: number }) => `${width} × ${height}`;
  throw new AfterimageError("data/targets", {
    what: "a mask has other proportions than its picture",
    where: name,
    expected: `${size(picture)} pixels on the canvas, as the picture`,
    got: size(mask),
  });
}

function classed(name: string, mask: LabelMap, classOf: ReadonlyMap<number, number>): LabelMap {
  const labels = mask.labels.map((label, at) => {
    const own = classOf.get(label);
    if (own !== undefined) return own;
    throw new AfterimageError("data/targets", {
      what: "a mask has a label without a class",
      where: `${name}, row ${Math.floor(at / mask.width)}, column ${at % mask.width} on the canvas`,
      expected: `one of ${[...classOf.keys()].join(", ")}`,
      got: `${label}`,
    });
  });
  return { ...mask, labels };
}

/** Writes a mask to the upper left corner of a canvas. */
function place({ height, width, labels }: LabelMap, canvas: number, out: Uint8Array): void {
  for (let row = 0; row < height; row++)
    out.set(labels.subarray(row * width, (row + 1) * width), row * canvas);
}
