/**
 * Draws the pictures of docs/upsampling.md and docs/receptive-fields.md.
 *
 * npx tsx --conditions=source quality/draw-documents.ts
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { receptiveField } from "afterimage";
import { runOnce } from "afterimage/runtime";
import {
  compile,
  convolution,
  full,
  type InterpolateOptions,
  input,
  interpolate,
  maxPoolWithIndices,
  maxUnpool,
  mul,
  type Tensor,
  transposedConvolution,
} from "afterimage/tensor";
import sharp from "sharp";

const FOLDER = join(import.meta.dirname, "../docs/pictures");
/** Side of the picture that is upsampled, and of the drawings. */
const SIDE = 14;
const DRAWN = 168;

/** A picture `[1, 3, side, side]` from a colour, 0 to 1, at each place from 0 to 1. */
function picture(side: number, colourAt: (y: number, x: number) => readonly number[]): Float32Array {
  const pixels = new Float32Array(3 * side * side);
  for (let at = 0; at < side * side; at++) {
    const [y, x] = [(Math.floor(at / side) + 0.5) / side, ((at % side) + 0.5) / side];
    for (const [channel, level] of colourAt(y, x).entries()) pixels[channel * side * side + at] = level;
  }
  return pixels;
}

/** A sun above a hill, with a thin line. */
function scene(y: number, x: number): readonly number[] {
  if (Math.hypot(y - 0.32, x - 0.66) < 0.2) return [1, 0.8, 0.1];
  if (Math.abs(x - y - 0.05) < 0.035) return [0.1, 0.1, 0.1];
  if (y > 0.62 + 0.12 * Math.sin(6 * x)) return [0.15, 0.5 - 0.2 * x, 0.2];
  return [0.55, 0.75, 0.95];
}

/** Waves whose length falls from the middle to the corners. */
function waves(y: number, x: number): readonly number[] {
  const level = 0.5 + 0.5 * Math.cos(340 * ((y - 0.5) ** 2 + (x - 0.5) ** 2));
  return [level, level, level];
}

/** What `build` makes of a picture, as the levels and the side of the result. */
async function made(pixels: Float32Array, build: (x: Tensor) => Tensor) {
  const side = Math.sqrt(pixels.length / 3);
  const y = build(input("x", [1, 3, side, side]));
  const { out } = await runOnce(compile({ out: y }), { x: pixels });
  return { levels: out as Float32Array, side: y.shape[3]! };
}

/** Writes levels `[3, side, side]`, of which 1 and all above is white, with every pixel as a square. */
async function write(name: string, { levels, side }: { levels: Float32Array; side: number }): Promise<void> {
  const bytes = new Uint8Array(3 * side * side);
  for (let at = 0; at < side * side; at++)
    for (let channel = 0; channel < 3; channel++)
      bytes[3 * at + channel] = Math.round(
        255 * Math.min(1, Math.max(0, levels[channel * side * side + at]!)),
      );
  await sharp(bytes, { raw: { width: side, height: side, channels: 3 } })
    .resize(DRAWN, DRAWN, { kernel: "nearest" })
    .png({ palette: true })
    .toFile(join(FOLDER, `${name}.png`));
}

const inModes: Record<string, InterpolateOptions> = {
  nearest: { scaleFactor: 6, mode: "nearest" },
  bilinear: { scaleFactor: 6, mode: "bilinear" },
  "bilinear-corners": { scaleFactor: 6, mode: "bilinear", alignCorners: true },
  bicubic: { scaleFactor: 6, mode: "bicubic" },
};

/** A transposed convolution of stride 2, channel by channel, whose filters are equal and add up to 4. */
function spread(x: Tensor, kernel: number): Tensor {
  const filters = full([3, 1, kernel, kernel], 4 / kernel ** 2);
  return transposedConvolution(x, filters, { stride: 2, padding: 1, groups: 3, outputPadding: kernel % 2 });
}

const average = (x: Tensor) => convolution(x, full([3, 1, 3, 3], 1 / 9), { padding: 1, groups: 3 });

/** How often each pixel counts for one place behind 3×3 convolutions of these rates. */
async function countsAtRates(rates: readonly number[]): Promise<{ levels: Float32Array; side: number }> {
  const side = 21;
  const middle = Float32Array.from({ length: 3 * side * side }, (_, i) =>
    i % (side * side) === 220 ? 1 : 0,
  );
  const counted = await made(middle, (x) =>
    rates.reduce(
      (y, rate) => convolution(y, full([3, 1, 3, 3], 1), { padding: rate, dilation: rate, groups: 3 }),
      x,
    ),
  );
  const most = Math.max(...counted.levels);
  return { ...counted, levels: counted.levels.map((count) => Math.sqrt(count / most)) };
}

await mkdir(FOLDER, { recursive: true });
const small = picture(SIDE, scene);
for (const [name, options] of Object.entries(inModes))
  await write(name, await made(small, (x) => interpolate(x, options)));
await write(
  "unpooled",
  await made(small, (x) => {
    const { values, indices } = maxPoolWithIndices(x, { kernel: 2 });
    return maxUnpool(values, indices, { kernel: 2 });
  }),
);
await write("transposed-3", await made(small, (x) => mul(spread(spread(x, 3), 3), 0.9)));
await write("transposed-4", await made(small, (x) => spread(spread(x, 4), 4)));
await write(
  "resize-convolution",
  await made(small, (x) =>
    average(interpolate(average(interpolate(x, { scaleFactor: 2 })), { scaleFactor: 2 })),
  ),
);
const fine = picture(160, waves);
const smaller = { scaleFactor: 0.3, mode: "bilinear" } as const;
await write("smaller", await made(fine, (x) => interpolate(x, smaller)));
await write("smaller-antialias", await made(fine, (x) => interpolate(x, { ...smaller, antialias: true })));
await write("rates-2-2-2", await countsAtRates([2, 2, 2]));
await write("rates-1-2-3", await countsAtRates([1, 2, 3]));
for (const layer of ["layer2", "layer3", "layer4"])
  await receptiveField({ target: "resnet18", layer, out: join(FOLDER, `resnet18-${layer}.png`) });
