/** Peak memory of training by the size of the batch, in micro-batches of one size. It should be constant. */
import { join } from "node:path";
import type { Choices } from "afterimage";
import { withPictures } from "./generated-pictures.ts";
import { alignColumns } from "./table.ts";
import { trainApart } from "./training-process.ts";

const IMAGE_SIZE = 32;
const PART = 64;
const BATCHES = [64, 512, 4096] as const;

const CASES: readonly { name: string; choices: Choices }[] = [
  {
    name: "ResNet-18, width ¼",
    choices: {
      backbone: "resnet18",
      backboneOptions: { stem: "cifar", widthMultiplier: 1 / 4 },
      settings: { viewScale: 1 },
    },
  },
];

export interface MicroBatchRow {
  name: string;
  batch: number;
  microBatch: number;
  peakBytes: number;
  /** Peak memory over that of a batch of one micro-batch. */
  timesWhole: number;
  imagesPerSecond: number;
}

/**
 * Each run trains two epochs of the same pictures. The second starts with everything that the first leaves in
 * memory.
 */
const EPOCHS = 2;

export async function measureMicroBatches(
  { threads }: { threads: number },
  log: (line: string) => void,
): Promise<MicroBatchRow[]> {
  const count = Math.max(...BATCHES);
  return withPictures({ count, side: 1.5 * IMAGE_SIZE }, async ({ folder, pictures, cacheDir }) => {
    const rows: MicroBatchRow[] = [];
    for (const { name, choices } of CASES) {
      let whole = 0;
      for (const batch of BATCHES) {
        log(`micro-batches: ${name}, batch ${batch}`);
        const out = join(folder, `run-${rows.length}`);
        const plan = {
          imageSize: IMAGE_SIZE,
          batchSize: batch,
          microBatch: PART,
          epochs: EPOCHS,
          monitorEvery: 0,
        };
        const report = await trainApart({ pictures, cacheDir, threads, out, ...plan, ...choices });
        whole ||= report.peakBytes;
        const { ms, steps } = report.epochs.at(-1)!;
        const rest = { timesWhole: report.peakBytes / whole, imagesPerSecond: (1000 * steps * batch) / ms };
        rows.push({ name, batch, microBatch: PART, peakBytes: report.peakBytes, ...rest });
      }
    }
    return rows;
  });
}

export function microBatchTable(rows: readonly MicroBatchRow[]): string {
  const cells = rows.map(({ name, batch, microBatch, peakBytes, timesWhole, imagesPerSecond }) => [
    name,
    `${batch}`,
    `${microBatch}`,
    (peakBytes / 1e6).toFixed(0),
    timesWhole.toFixed(2),
    imagesPerSecond.toFixed(0),
    "",
  ]);
  const title = `Peak memory of training in micro-batches, ${IMAGE_SIZE}×${IMAGE_SIZE} (SimCLR)`;
  const columns = ["run", "batch", "micro-batch", "peak MB", "× one part", "img/s", ""];
  return [title, ...alignColumns([columns, ...cells])].join("\n");
}
