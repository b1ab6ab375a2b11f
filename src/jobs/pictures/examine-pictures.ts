/** Lets a method examine some of the pictures before a run is started with them. */
import { canvasBytes, type PictureDataset } from "../../data/picture-dataset.ts";
import { findMethod } from "../../methods/index.ts";
import type { Method, PictureSample } from "../../objectives/method.ts";
import { randomStream } from "../../random/random-stream.ts";
import type { RunConfig } from "../../train/run-config.ts";

/** The number of pictures examined, drawn by the run's seed. */
const SAMPLE = 200;

/**
 * Shows a method up to 200 pictures, drawn by the run's seed. Most methods take any pictures; CMC, for
 * example, learns nothing from grey ones.
 *
 * @param method the chosen method; needed if it is not in the list of methods.
 * @returns notes for the user about them, in clauses.
 * @throws AfterimageError `method/pictures` for pictures that the method cannot learn from.
 */
export async function examinePictures(
  dataset: PictureDataset,
  config: RunConfig,
  method: Method = findMethod(config.method.name),
): Promise<string[]> {
  const { settings } = config.method;
  if (method.examine === undefined) return [];
  const note = method.examine(await sampleOf(dataset, config.seed), settings);
  return note === null ? [] : [note];
}

async function sampleOf(dataset: PictureDataset, seed: number): Promise<PictureSample> {
  const { canvas, heights, widths } = dataset;
  const indices = randomStream(seed, "examine", 0, 0).permutation(dataset.size).slice(0, SAMPLE).sort();
  const pictures = new Uint8Array(indices.length * canvasBytes(canvas));
  await dataset.readBatch(indices, pictures);
  const pick = (values: Int32Array) => Int32Array.from(indices, (index) => values[index]!);
  return { count: indices.length, canvas, pictures, heights: pick(heights), widths: pick(widths) };
}
