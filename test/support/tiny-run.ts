/** A run small enough to train in a test: 24 noisy pictures in three colours. */

import { memoryDataset } from "../../src/data/memory-dataset.ts";
import type { PictureDataset } from "../../src/data/picture-dataset.ts";
import { randomStream } from "../../src/random/random-stream.ts";
import { type Choices, configure } from "../../src/runs/configure/configure.ts";
import type { RunConfig } from "../../src/train/run-config.ts";

export { TINY_DINO, TINY_DINO_RESNET, TINY_METHODS, TINY_SIMCLR } from "./tiny-methods.ts";
export type { Choices };

export const TINY = { imageSize: 16, canvas: 24, batchSize: 8, epochs: 2, seed: 3 } as const;

/** `count` canvases, class i mod 3 brightest in channel i mod 3. */
export function tinyPictures(
  count = 24,
  canvas: number = TINY.canvas,
  names?: readonly string[],
): PictureDataset {
  const pictures = new Uint8Array(count * 3 * canvas * canvas);
  const random = randomStream(0, "tiny", 0, 0);
  for (let at = 0; at < pictures.length; at++) {
    const channel = Math.floor(at / canvas ** 2) % 3;
    const label = Math.floor(at / (3 * canvas ** 2)) % 3;
    pictures[at] = random.integer(0, 100) + (channel === label ? 155 : 0);
  }
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const classNames = ["red", "green", "blue"];
  return memoryDataset({ canvas, pictures, labels, classNames, ...(names && { names }) });
}

export function tinyConfig(choices: Choices, pictures = 24): RunConfig {
  const config = configure({ ...TINY, ...choices }, { path: "(in memory)", fingerprint: "tiny", pictures });
  const { name, settings } = config.backbone;
  // Two narrow blocks show as much about the trainer as twelve wide ones.
  return name.startsWith("vit")
    ? { ...config, backbone: { name, settings: { ...settings, width: 24, depth: 2 } } }
    : config;
}
