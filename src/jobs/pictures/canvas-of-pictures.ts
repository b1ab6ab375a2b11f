/** The canvas of pictures that are already open, which cannot be changed. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import type { PretrainOptions } from "../pretrain-options.ts";

/**
 * The side of the canvases in a run's configuration: that of an open data set, otherwise the one that was
 * asked for.
 *
 * @throws AfterimageError `usage/value` when an open data set has another canvas than was asked for.
 */
export function canvasOfPictures({
  pictures,
  canvas,
}: Pick<PretrainOptions, "pictures" | "canvas">): number | undefined {
  if (typeof pictures === "string") return canvas;
  if (canvas !== undefined && canvas !== pictures.canvas)
    throw wrongCanvas(`${canvas}, the canvas in the options`, pictures.canvas);
  return pictures.canvas;
}

/**
 * Views are crops that are resized to the image size. Canvases of at least that size contain the detail that
 * a view of a whole picture shows. The default for pictures read from files, 1.5 times that size, contains
 * more detail for smaller crops.
 *
 * @throws AfterimageError `usage/value` when an open data set has a canvas that is smaller than the image
 * size.
 */
export function requireCanvasFor(imageSize: number, { canvas }: Pick<PictureDataset, "canvas">): void {
  if (canvas < imageSize) throw wrongCanvas(`at least the image size, ${imageSize}`, canvas);
}

function wrongCanvas(expected: string, got: number): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "the canvas of these pictures does not fit the run",
    where: "pictures.canvas",
    expected,
    got: `${got}`,
    todo: "Open the pictures with another canvas, or choose another imageSize.",
  });
}
