import { contentHash, textHash } from "./content-hash.ts";
import { canvasBytes, makeDataset, type PictureDataset } from "./picture-dataset.ts";
import { findInPictures, pixelSpan } from "./picture-findings.ts";
import { type PictureStack, shrinkToFit } from "./shrink.ts";

export interface StackOptions {
  canvas: number;
  names: readonly string[];
  labels: Int32Array | null;
  classNames: readonly string[] | null;
}

/**
 * A data set of pictures of one size, held in memory in their original form (MNIST's 28×28 of one channel,
 * CIFAR's 32×32 RGB). They are copied to canvases when they are read: one channel becomes three equal ones.
 * Pictures larger than the canvas are shrunk once.
 *
 * @throws AfterimageError `data/format` when there is not one name or label for each picture.
 */
export function stackDataset(source: PictureStack, options: StackOptions): PictureDataset {
  const { canvas, names } = options;
  const stack = shrinkToFit(source, canvas);
  const { height, width } = stack;
  const fingerprint = textHash(JSON.stringify([canvas, height, width, contentHash(stack.pixels), names]));
  return makeDataset(
    {
      ...options,
      heights: new Int32Array(stack.count).fill(height),
      widths: new Int32Array(stack.count).fill(width),
      fingerprint,
      skipped: [],
      findings: findInPictures(examined(stack, names)),
    },
    {
      read(indices, out) {
        out.fill(0);
        for (let i = 0; i < indices.length; i++) {
          copyToCanvas(
            stack,
            indices[i]!,
            canvas,
            out.subarray(i * canvasBytes(canvas), (i + 1) * canvasBytes(canvas)),
          );
        }
      },
    },
  );
}

function* examined({ channels, count, height, width, pixels }: PictureStack, names: readonly string[]) {
  const bytes = channels * height * width;
  for (let i = 0; i < count; i++) {
    const picture = pixels.subarray(i * bytes, (i + 1) * bytes);
    yield { name: names[i] ?? "", hash: contentHash(picture), span: pixelSpan(picture, channels, "planar") };
  }
}

function copyToCanvas(
  { channels, height, width, pixels }: PictureStack,
  index: number,
  canvas: number,
  out: Uint8Array,
): void {
  for (let plane = 0; plane < 3; plane++) {
    const channel = index * channels + (channels === 3 ? plane : 0);
    for (let row = 0; row < height; row++) {
      const start = (channel * height + row) * width;
      out.set(pixels.subarray(start, start + width), (plane * canvas + row) * canvas);
    }
  }
}
