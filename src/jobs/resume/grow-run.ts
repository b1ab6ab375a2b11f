/** Converts a run to more pictures than it was trained on so far. */
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import type { Notes } from "../../runs/notes.ts";
import { keepOnly, PICTURES, readNewestCheckpoint, writeCheckpoint } from "../../train/node/checkpoint.ts";
import {
  type PictureNames,
  passedOver,
  runPaths,
  writePictureNames,
  writeRunConfig,
} from "../../train/node/run-folder.ts";
import { type RunConfig, stepsPerEpoch } from "../../train/run-config.ts";
import type { Trainer } from "../../train/trainer.ts";
import type { AddedPictures } from "./added-pictures.ts";
import { grownValues, oldLengths, oldRun } from "./grown-values.ts";

export interface Grown extends AddedPictures {
  /** The configuration until now. */
  before: RunConfig;
  dataset: PictureNames;
}

/**
 * Rewrites the newest checkpoint as if all pictures had been there from the start:
 *
 * - Rows of a memory bank move to the places that their pictures have now. Those of new pictures start as in
 *   a new run.
 * - The number of finished epochs stays the same, so there are more steps. An unfinished epoch begins again.
 * - A queue is rotated so that its oldest row is where the new number of steps expects it.
 * - State that fewer pictures did not need starts as in a new run.
 *
 * The new configuration is written after the checkpoint, and makes it valid. Until then the run is unchanged;
 * from then on earlier checkpoints are skipped. So an interruption at any point does no harm.
 *
 * @param trainer of the run with all pictures; its values are not changed.
 * @throws AfterimageError `train/run-folder` when no epoch is left to be trained, before anything is written.
 */
export async function growRun(folder: string, trainer: Trainer, grown: Grown, notes: Notes): Promise<void> {
  const { before, dataset } = grown;
  const { checkpoints } = runPaths(folder);
  const old = oldRun(before);
  const expected = { lengths: oldLengths(old, trainer), pictures: before.data.fingerprint };
  const checkpoint = await readNewestCheckpoint(checkpoints, expected, (path, reason) =>
    notes.add(passedOver(path, reason)),
  );
  const { config, plan, shapes } = trainer;
  if (checkpoint !== null) {
    const epochs = Math.floor(checkpoint.step / stepsPerEpoch(before));
    if (epochs >= config.epochs) throw noEpochLeft(config, folder);
    const step = epochs * plan.stepsPerEpoch;
    const growth = { places: grown.places, steps: step - checkpoint.step };
    const values = grownValues(checkpoint.arrays, trainer.values, old, growth);
    const metadata = { [PICTURES]: config.data.fingerprint };
    const path = await writeCheckpoint(checkpoints, step, values, shapes, metadata);
    await writeRunConfig(folder, config);
    await keepOnly(path);
  } else {
    await writeRunConfig(folder, config);
  }
  await writePictureNames(folder, dataset);
}

function noEpochLeft({ epochs }: RunConfig, folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "this run has no epochs left to train on the added pictures",
    where: folder,
    expected: `${optionName("epochs")} of more than ${epochs}`,
  });
}
