/**
 * Pre-trains on a folder of pictures, then prints the nearest pictures of the first one.
 *
 * npx tsx --conditions=source examples/pretrain-and-search.ts <pictures> [epochs]
 */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embed, pretrain } from "afterimage";
import { decodeSafetensors, type Matrix } from "afterimage/data";
import { nearest } from "afterimage/evaluate";

const [pictures, epochs = "20"] = process.argv.slice(2);
if (pictures === undefined) throw new Error("which folder of pictures?");
const folder = await mkdtemp(join(tmpdir(), "afterimage-example-"));

const { run, epochs: history } = await pretrain({
  pictures,
  out: join(folder, "run"),
  epochs: Number(epochs),
  imageSize: 32,
  backboneOptions: { widthMultiplier: 0.25 },
  onProgress: (event) => {
    if (event.type === "epoch") console.log(`epoch ${event.epoch}: loss ${event.loss.toFixed(3)}`);
  },
});
console.log(`loss ${history[0]!.loss.toFixed(3)} → ${history.at(-1)!.loss.toFixed(3)}`);

const out = join(folder, "features.safetensors");
await embed({ run, pictures, out });
const { arrays, metadata } = decodeSafetensors(await readFile(out));
const { shape, data } = arrays.get("features")!;
const features: Matrix = { rows: shape[0]!, cols: shape[1]!, data: data as Float32Array };
const names = JSON.parse(metadata.names!) as string[];

const first: Matrix = { rows: 1, cols: features.cols, data: features.data.subarray(0, features.cols) };
const { indices, scores } = await nearest({ queries: first, gallery: features, k: 4 });
for (const [place, row] of indices.entries()) console.log(`${scores[place]!.toFixed(3)}  ${names[row]}`);
