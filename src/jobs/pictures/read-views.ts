/** Pictures as an encoder sees them in evaluation. */
import type { Preprocessing } from "../../augment/preprocessing.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { randomStream } from "../../random/random-stream.ts";
import { reshape } from "../../tensor/index.ts";
import { runOnPictures } from "../../train/run-on-pictures.ts";

interface ViewsOptions {
  imageSize: number;
  preprocessing: Preprocessing;
  /** The largest number of pictures. */
  count: number;
  seed: number;
}

/**
 * Some pictures of a data set, drawn by a seed: their central squares at `imageSize`, normalised,
 * `[count, 3, S, S]`.
 */
export async function readViews(
  dataset: PictureDataset,
  { imageSize, preprocessing, count, seed }: ViewsOptions,
): Promise<Float32Array> {
  const rows = Array.from(randomStream(seed, "views", 0, 0).permutation(dataset.size)).slice(0, count);
  const { views } = await runOnPictures(
    dataset,
    {
      ...{ name: "views", imageSize, preprocessing, batchSize: rows.length, values: new Map() },
      network: (_, view) => ({ views: reshape(view, [rows.length, -1]) }),
    },
    rows,
  );
  return views!.data;
}
