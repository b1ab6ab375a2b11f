/** The share of an epoch outside of the step: reading, drawing views, metrics, checkpoints. */
import { join } from "node:path";
import type { Choices } from "afterimage";
import { withPictures } from "./generated-pictures.ts";
import { alignColumns, median } from "./table.ts";
import { type TrainingReport, trainApart } from "./training-process.ts";

interface EpochCase {
  name: string;
  choices: Choices;
}

const IMAGE_SIZE = 32;
const BATCH = 64;
/** Few pictures, so the work at the ends of an epoch counts for more than in a usual run. */
const PICTURES = 1024;

const RESNET: Choices = {
  backbone: "resnet18",
  backboneOptions: { stem: "cifar" },
  settings: { viewScale: 1 }, // views have the size in the rows' names
};
const QUARTER: Choices = {
  ...RESNET,
  backboneOptions: { ...RESNET.backboneOptions, widthMultiplier: 1 / 4 },
};

const CASES: readonly EpochCase[] = [
  { name: "ResNet-18", choices: RESNET },
  { name: "ResNet-18, width ¼", choices: QUARTER },
  {
    name: "ResNet-18, width ¼, batch 512 in parts of 64",
    choices: { ...QUARTER, batchSize: 512, microBatch: 64 },
  },
  { name: "ViT-Ti/4", choices: { backbone: "vit_tiny", backboneOptions: { patch: 4 } } },
];

export interface EpochRow {
  name: string;
  batch: number;
  steps: number;
  epochMs: number;
  stepMs: number;
  /** The share of the epoch, without kNN and health, that is not in the runtime. */
  outside: number;
  /** The share of the epoch before the first step and after the last. */
  atEnds: number;
  /** Milliseconds of kNN and health. */
  lookMs: number;
  othersCores?: number;
}

/** The first epoch warms up, and the last one ends with kNN and health. The epochs between are measured. */
const EPOCHS = 4;

export async function measureEpochs(
  { threads }: { threads: number },
  log: (line: string) => void,
): Promise<EpochRow[]> {
  return withPictures({ count: PICTURES, side: 1.5 * IMAGE_SIZE }, async ({ folder, pictures, cacheDir }) => {
    const rows: EpochRow[] = [];
    for (const [i, { name, choices }] of CASES.entries()) {
      log(`epochs: ${name}`);
      const setup = { pictures, cacheDir, threads, out: join(folder, `run-${i}`) };
      const plan = { imageSize: IMAGE_SIZE, batchSize: BATCH, epochs: EPOCHS, monitorEvery: EPOCHS };
      const report = await trainApart({ ...setup, ...plan, ...choices });
      rows.push({ name, batch: choices.batchSize ?? BATCH, ...summarize(report) });
    }
    return rows;
  });
}

function summarize({ epochs, othersCores }: TrainingReport): Omit<EpochRow, "name" | "batch"> {
  const measured = epochs.slice(1, -1);
  const middle = (value: (epoch: (typeof epochs)[number]) => number) => median(measured.map(value));
  return {
    steps: measured[0]!.steps,
    epochMs: middle(({ ms }) => ms),
    stepMs: middle(({ runMs, steps }) => runMs / steps),
    outside: middle(({ ms, runMs }) => 1 - runMs / ms),
    atEnds: middle(({ ms, beginMs, endMs }) => (beginMs + endMs) / ms),
    lookMs: epochs.at(-1)!.endMs - middle(({ endMs }) => endMs),
    ...(othersCores === undefined ? {} : { othersCores }),
  };
}

export function epochTable(rows: readonly EpochRow[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const cells = rows.map((row) => [
    row.name,
    `${row.batch}`,
    `${row.steps}`,
    (row.epochMs / 1000).toFixed(1),
    row.stepMs.toFixed(0),
    percent(row.outside),
    percent(row.atEnds),
    (row.lookMs / 1000).toFixed(2),
    row.othersCores === undefined ? "" : `others used ${row.othersCores.toFixed(1)} cores`,
  ]);
  const columns = ["run", "batch", "steps", "epoch s", "in step ms", "outside", "at ends", "a look s", ""];
  const title = `An epoch of ${PICTURES} cached pictures at ${IMAGE_SIZE}×${IMAGE_SIZE} (SimCLR), and its time outside of the step`;
  return [title, ...alignColumns([columns, ...cells])].join("\n");
}
