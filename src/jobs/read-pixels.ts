/** Raw pixels as features: the baseline that a representation has to beat. */
import type { Matrix } from "../data/matrix.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { pixelFeatures } from "../evaluate/baselines.ts";

const ROWS_AT_A_TIME = 256;

/** Every canvas averaged over areas to `side` × `side`: `[N, 3·side²]`. */
export async function readPixels(dataset: PictureDataset, side = 32): Promise<Matrix> {
  const { canvas, size } = dataset;
  const cols = 3 * side * side;
  const data = new Float32Array(size * cols);
  for (let start = 0; start < size; start += ROWS_AT_A_TIME) {
    const indices = Array.from({ length: Math.min(ROWS_AT_A_TIME, size - start) }, (_, i) => start + i);
    const pictures = new Uint8Array(indices.length * 3 * canvas * canvas);
    await dataset.readBatch(indices, pictures);
    data.set(pixelFeatures(pictures, { canvas, side }).data, start * cols);
  }
  return { rows: size, cols, data };
}
