/** Writes pictures of a network's results on tested pictures. */
import sharp from "sharp";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { confusionPicture } from "../../drawing/confusion-picture.ts";
import { confusionMatrix } from "../../evaluate/predictions/confusion-matrix.ts";
import type { Matrix } from "../../formats/matrix.ts";
import { PRODUCER } from "../../onnx/model.ts";
import { writeFileWhole } from "../../train/node/write-file.ts";
import type { Answers, LabelTask } from "../../transfer/label-task.ts";
import { mostProbable } from "../../transfer/read-logits.ts";
import { worstMistakes } from "../../transfer/worst-mistakes.ts";
import { mistakesPicture, type ShownPicture } from "./mistakes-picture.ts";

/** The number of mistakes that are shown. */
const SHOWN = 30;
/** Pixels of a PNG for each unit of an SVG. */
const SCALE = 2;

export interface TestedPredictions {
  task: LabelTask;
  /** `[N, K]` of `readLogits`. */
  predictions: Matrix;
  answers: Answers;
}

/**
 * Writes the confusion matrix of classes as a PNG.
 *
 * @returns the path written; null for labels that are no classes.
 */
export async function writeConfusion(
  path: string,
  { task, predictions, answers }: TestedPredictions,
): Promise<string | null> {
  if (answers.kind !== "classes") return null;
  const counts = confusionMatrix(answers.classes, mostProbable(predictions), task.names.length);
  await writePng(path, confusionPicture({ names: task.names, counts }));
  return path;
}

/**
 * Writes the worst mistakes as a PNG.
 *
 * @param rows the place in the data set of each predicted picture.
 * @returns the path written; null when there is no mistake.
 */
export async function writeMistakes(
  path: string,
  dataset: PictureDataset,
  rows: ArrayLike<number>,
  { task, predictions, answers }: TestedPredictions,
): Promise<string | null> {
  const all = worstMistakes(task, predictions, answers, predictions.rows);
  if (all.length === 0) return null;
  const shown = [];
  for (const mistake of all.slice(0, SHOWN))
    shown.push({ ...mistake, picture: await readPicture(dataset, rows[mistake.row]!) });
  const wrong = answers.kind === "numbers" ? null : all.length;
  await writePng(path, await mistakesPicture(shown, { total: predictions.rows, wrong }));
  return path;
}

/** A picture without the empty part of its canvas. */
async function readPicture(dataset: PictureDataset, at: number): Promise<ShownPicture> {
  const { canvas, names, heights, widths } = dataset;
  const pixels = new Uint8Array(3 * canvas * canvas);
  await dataset.readBatch([at], pixels);
  const [height, width] = [heights[at]!, widths[at]!];
  const data = new Uint8Array(3 * height * width);
  for (let row = 0; row < 3 * height; row++) {
    const from = Math.floor(row / height) * canvas * canvas + (row % height) * canvas;
    data.set(pixels.subarray(from, from + width), row * width);
  }
  return { name: names[at]!, height, width, data };
}

async function writePng(path: string, svg: string): Promise<void> {
  // At 72 dots an inch, one pixel is drawn for each unit.
  const drawn = sharp(Buffer.from(svg), { density: 72 * SCALE, unlimited: true });
  const bytes = await drawn
    .png({ compressionLevel: 9 })
    // The file is recognised by this as a run's own, and may be written again.
    .withExif({ IFD0: { Software: PRODUCER } })
    .toBuffer();
  await writeFileWhole(path, bytes);
}
