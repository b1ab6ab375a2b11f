/**
 * Many steps in a row, to see whether memory stays constant. `npm run soak -- [--steps 2000]`
 *
 * A small SimCLR run on noise, with steps of milliseconds. Resident memory is read every 100 steps, after a
 * garbage collection if the process allows one. Constant means that the median of the last quarter is at most
 * 1 % above that of the second.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { configure } from "afterimage";
import { batches, memoryDataset } from "afterimage/data";
import { randomStream } from "afterimage/random";
import { Trainer } from "afterimage/train";
import { machine } from "./machine.ts";
import { median } from "./table.ts";

const { values } = parseArgs({ options: { steps: { type: "string", default: "2000" } } });
const STEPS = Number(values.steps);
const EVERY = 100;
const CANVAS = 24;
const PICTURES = 256;

function noise(): Uint8Array {
  const random = randomStream(0, "soak", 0, 0);
  return Uint8Array.from({ length: PICTURES * 3 * CANVAS ** 2 }, () => random.integer(0, 256));
}

function residentMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const pages = readFileSync("/proc/self/statm", "utf8").split(" ")[1]!;
  return (Number(pages) * 4096) / 1e6;
}

const dataset = memoryDataset({ canvas: CANVAS, pictures: noise() });
const batchSize = 32;
const epochs = Math.ceil((STEPS * batchSize) / PICTURES);
const choices = {
  imageSize: 16,
  canvas: CANVAS,
  batchSize,
  epochs,
  backboneOptions: { widthMultiplier: 0.25 },
};
const config = configure(choices, { path: "noise", fingerprint: "noise", pictures: PICTURES });
const trainer = await Trainer.create(config, { threads: machine().cores });
const memory: number[] = [];
let step = 0;
for (let epoch = 0; step < STEPS; epoch++) {
  for await (const batch of batches(dataset, { batchSize, seed: 0, epoch })) {
    await trainer.step(batch, step);
    step += 1;
    if (step % EVERY === 0) memory.push(residentMb());
    if (step === STEPS) break;
  }
}
await trainer.release();
const quarter = memory.length / 4;
const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(3 * quarter))];
const growth = late / early - 1;
console.log(`${STEPS} steps: ${memory.map((mb) => mb.toFixed(0)).join(" ")} MB`);
console.log(
  `second quarter ${early.toFixed(1)} MB, last ${late.toFixed(1)} MB: ${(100 * growth).toFixed(2)} %`,
);
if (growth > 0.01) process.exitCode = 1;
