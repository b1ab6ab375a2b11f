/** Writes a picture of a run's reconstructions of pictures that its method sees in part. */
import sharp from "sharp";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { PRODUCER } from "../../onnx/model.ts";
import { randomStream } from "../../random/random-stream.ts";
import { writeFileWhole } from "../../train/node/write-file.ts";
import { type ReconstructOptions, reconstructPictures } from "../../train/reconstruct.ts";

/** The number of pictures shown side by side. */
const SHOWN = 10;
/** Small pictures are shown at a multiple of their size, in pixels. */
const LEAST_SIDE = 96;
/** White space between pictures, in their pixels. */
const GAP = 1;

/**
 * Writes a PNG of pictures of the data set, drawn by the run's seed. Its rows are the originals, the pictures
 * as the method saw them, and its reconstructions.
 *
 * @returns the path written, null for a method that does not reconstruct.
 */
export async function writeReconstructions(
  path: string,
  dataset: PictureDataset,
  options: Omit<ReconstructOptions, "indices">,
): Promise<string | null> {
  const random = randomStream(options.config.seed, "reconstructions", 0, 0);
  const indices = random.permutation(dataset.size).slice(0, SHOWN).sort();
  const pictures = await reconstructPictures(dataset, { ...options, indices });
  if (pictures === null) return null;
  const { side, original, masked, filled } = pictures;
  await writeFileWhole(path, await png([original, masked, filled], side, indices.length));
  return path;
}

/** Rows of square pictures `[count, 3, side, side]`, from 0 to 1, as a PNG. */
async function png(rows: readonly Float32Array[], side: number, count: number): Promise<Uint8Array> {
  const step = side + GAP;
  const [width, height] = [count * step - GAP, rows.length * step - GAP];
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (const [row, pictures] of rows.entries()) {
    for (let at = 0; at < pictures.length; at++) {
      const [picture, channel] = [Math.floor(at / (3 * side ** 2)), Math.floor(at / side ** 2) % 3];
      const [y, x] = [Math.floor(at / side) % side, at % side];
      const place = (row * step + y) * width + picture * step + x;
      pixels[place * 3 + channel] = Math.round(255 * pictures[at]!);
    }
  }
  const factor = Math.max(1, Math.ceil(LEAST_SIDE / side));
  return (
    sharp(pixels, { raw: { width, height, channels: 3 } })
      .resize(width * factor, height * factor, { kernel: "nearest" })
      .png()
      // The file is recognised by this as a run's own, and may be written again.
      .withExif({ IFD0: { Software: PRODUCER } })
      .toBuffer()
  );
}
