/** Small copies of pictures, to find near-copies by. */
import { evaluationBox } from "../../augment/evaluation-view.ts";
import { canvasBytes, type PictureDataset } from "../../data/picture-dataset.ts";
import type { PictureStack } from "../../data/shrink.ts";
import { pixelFeatures } from "../../evaluate/baselines.ts";
import { THUMBNAIL_SIDE } from "../../evaluate/find-near-copies.ts";

const PICTURES_AT_A_TIME = 256;

/**
 * The square of every picture that an encoder is evaluated on, averaged over areas, in whole steps of 1/255:
 * 3 kB a picture.
 */
export async function readThumbnails(dataset: PictureDataset): Promise<PictureStack> {
  const { canvas, size, heights, widths } = dataset;
  const bytes = canvasBytes(THUMBNAIL_SIDE);
  const pixels = new Uint8Array(size * bytes);
  for (let start = 0; start < size; start += PICTURES_AT_A_TIME) {
    const count = Math.min(PICTURES_AT_A_TIME, size - start);
    const indices = Array.from({ length: count }, (_, i) => start + i);
    const pictures = new Uint8Array(count * canvasBytes(canvas));
    await dataset.readBatch(indices, pictures);
    const boxes = indices.map((i) => evaluationBox(heights[i]!, widths[i]!));
    const { data } = pixelFeatures(pictures, { canvas, side: THUMBNAIL_SIDE, boxes });
    for (let i = 0; i < data.length; i++) pixels[start * bytes + i] = Math.round(255 * data[i]!);
  }
  return { count: size, channels: 3, height: THUMBNAIL_SIDE, width: THUMBNAIL_SIDE, pixels };
}
