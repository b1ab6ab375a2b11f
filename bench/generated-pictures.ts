/** A folder of real picture files to train on, and their cache. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPictures } from "afterimage/data/node";
import { randomStream } from "afterimage/random";
import sharp from "sharp";

const CLASSES = 4;

export interface GeneratedPictures {
  /** The folder that contains the pictures and everything made from them; all of it is removed together. */
  folder: string;
  pictures: string;
  cacheDir: string;
}

/**
 * Lends `count` JPEGs of soft noise, `side` × `side`, in a folder for each class. They are cached, as for the
 * second process of a run.
 */
export async function withPictures<T>(
  { count, side }: { count: number; side: number },
  use: (generated: GeneratedPictures) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "afterimage-bench-"));
  try {
    const pictures = join(folder, "pictures");
    const cacheDir = join(folder, "cache");
    for (let i = 0; i < CLASSES; i++) await mkdir(join(pictures, `class-${i}`), { recursive: true });
    for (let i = 0; i < count; i++) await paint(join(pictures, `class-${i % CLASSES}`, `${i}.jpg`), side, i);
    await (await openPictures(pictures, { canvas: side, labels: "auto", cacheDir })).close();
    return await use({ folder, pictures, cacheDir });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A few random colours, enlarged, because JPEGs usually have soft edges. */
async function paint(path: string, side: number, index: number): Promise<void> {
  const random = randomStream(0, "picture", 0, index);
  const coarse = 6;
  const data = Uint8Array.from({ length: 3 * coarse ** 2 }, () => random.integer(0, 256));
  const raw = { width: coarse, height: coarse, channels: 3 } as const;
  await sharp(data, { raw }).resize(side, side, { kernel: "cubic" }).jpeg().toFile(path);
}
