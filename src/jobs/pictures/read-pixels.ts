/** Raw pixels as features: the baseline that a representation has to beat. */
import { evaluationBox } from "../../augment/evaluation-view.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { pixelFeatures } from "../../evaluate/baselines.ts";
import type { Matrix } from "../../formats/matrix.ts";

const ROWS_AT_A_TIME = 256;

/** Height and width, in pixels, at which pictures are compared. */
export const PIXEL_SIDE = 32;

/**
 * The square of every picture that an encoder is evaluated on, averaged over areas to `side` × `side`:
 * `[N, 3·side²]`. Without the canvas around it, pixels depend little on the size of pictures in the cache.
 */
export async function readPixels(dataset: PictureDataset, side = PIXEL_SIDE): Promise<Matrix> {
  const { canvas, size, heights, widths } = dataset;
  const cols = 3 * side * side;
  const data = new Float32Array(size * cols);
  for (let start = 0; start < size; start += ROWS_AT_A_TIME) {
    const indices = Array.from({ length: Math.min(ROWS_AT_A_TIME, size - start) }, (_, i) => start + i);
    const pictures = new Uint8Array(indices.length * 3 * canvas * canvas);
    await dataset.readBatch(indices, pictures);
    const boxes = indices.map((i) => evaluationBox(heights[i]!, widths[i]!));
    data.set(pixelFeatures(pictures, { canvas, side, boxes }).data, start * cols);
  }
  return { rows: size, cols, data };
}
