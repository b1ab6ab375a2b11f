import * as fc from "fast-check";
import sharp from "sharp";
import { expect, test } from "vitest";
import { damaged } from "../../../test/support/damaged.ts";
import { writeTiff } from "../../../test/support/write-tiff.ts";
import { AfterimageError } from "../../errors.ts";
import { decodePicture } from "./decode-picture.ts";

const noise = Buffer.from(Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * i * 31) & 255));
const picture = () => sharp(noise, { raw: { width: 16, height: 16, channels: 3 } });

test.each<[string, () => Promise<Buffer>]>([
  ["JPEG", () => picture().jpeg().toBuffer()],
  ["progressive JPEG", () => picture().jpeg({ progressive: true }).toBuffer()],
  ["PNG of 16 bits", () => picture().toColourspace("rgb16").png().toBuffer()],
  ["GIF", () => picture().gif().toBuffer()],
  ["WebP", () => picture().webp().toBuffer()],
  [
    "TIFF",
    async () => writeTiff({ width: 4, height: 4, photometric: 1, samples: new Float32Array(16).fill(3) }),
  ],
  [
    "SVG",
    async () =>
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="10mm"><path d="M0 0h9v9z"/></svg>',
      ),
  ],
])(
  "a damaged %s gives a picture or an AfterimageError",
  async (_, make) => {
    const whole = await make();
    await fc.assert(
      fc.asyncProperty(damaged(whole), async (bytes) => {
        const outcome = await decodePicture(Buffer.from(bytes), 16).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AfterimageError);
      }),
      { numRuns: 150 },
    );
  },
  60_000,
);
