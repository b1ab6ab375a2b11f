/** Trains in the folder of a run, which no other process may write to meanwhile. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import {
  type PictureNames,
  removePartials,
  writePictureNames,
  writeRunConfig,
} from "../../train/node/run-folder.ts";
import { holdRun } from "../../train/node/run-lock.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { Trainer } from "../../train/trainer.ts";
import { requireDiskSpace } from "../places/require-disk-space.ts";
import { writeSkipped } from "./write-skipped.ts";

export interface RunPlace {
  folder: string;
  /** Whether the run begins here; otherwise its configuration is there already. */
  isNew: boolean;
  /** Removes the run that is replaced, if there is one. */
  clear(): Promise<void>;
  /** The pictures that train. */
  pictures: PictureNames;
  /** All pictures, some of which may have been skipped. */
  dataset: Pick<PictureDataset, "skipped">;
}

/**
 * Builds the step, locks the folder, writes what a run begins with, and calls `go`. Nothing is written before
 * the step is built and the space on the disk was checked.
 */
export async function trainInFolder<T>(
  config: RunConfig,
  { folder, isNew, clear, pictures, dataset }: RunPlace,
  computing: Parameters<typeof Trainer.create>[1],
  go: (trainer: Trainer) => Promise<T>,
): Promise<T> {
  const trainer = await Trainer.create(config, computing);
  try {
    const release = holdRun(folder);
    try {
      await removePartials(folder);
      const { stored, encoderValues } = trainer;
      await requireDiskSpace(folder, { values: stored, encoderValues });
      await clear();
      if (isNew) await writeRunConfig(folder, config);
      await writePictureNames(folder, pictures);
      await writeSkipped(folder, dataset);
      return await go(trainer);
    } finally {
      release();
    }
  } finally {
    await trainer.release();
  }
}
