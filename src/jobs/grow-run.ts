/** Brings a run over to more pictures than it was trained on so far. */
import { AfterimageError } from "../errors.ts";
import { describeRun } from "../train/describe-run.ts";
import { initialMemories, memoryShapes } from "../train/host-memories.ts";
import { keepOnly, PICTURES, readNewestCheckpoint, writeCheckpoint } from "../train/node/checkpoint.ts";
import {
  type PictureNames,
  passedOver,
  runPaths,
  writePictureNames,
  writeRunConfig,
} from "../train/node/run-folder.ts";
import { type RunConfig, stepsPerEpoch } from "../train/run-config.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Values } from "../train/values.ts";
import type { AddedPictures } from "./added-pictures.ts";
import { flagOf } from "./flag-of.ts";
import type { Notes } from "./notes.ts";

export interface Grown extends AddedPictures {
  /** The configuration up to now. */
  before: RunConfig;
  dataset: PictureNames;
}

/**
 * Rewrites the newest checkpoint as if all pictures had been there from the start: rows of a memory bank move to the places
 * that their pictures have now, those of new pictures start as in a new run, and as many epochs are done as before, so that
 * there are more steps. An epoch that was under way begins again.
 *
 * The new configuration, written after the checkpoint, is what makes it valid: until then the run is what it was, and
 * from then on checkpoints of before are passed over. So it can be cut short at any point.
 *
 * @param trainer of the run with all pictures; its values are not changed.
 * @throws AfterimageError `train/run-folder` when no epoch is left to be trained, before anything is written.
 */
export async function growRun(folder: string, trainer: Trainer, grown: Grown, notes: Notes): Promise<void> {
  const { before, dataset } = grown;
  const { checkpoints } = runPaths(folder);
  const banksBefore = bankShapes(before);
  const lengths = new Map([...trainer.values].map(([path, data]) => [path, data.length]));
  for (const [path, [rows, width]] of banksBefore) lengths.set(path, rows * width);
  const expected = { lengths, pictures: before.data.fingerprint };
  const checkpoint = await readNewestCheckpoint(checkpoints, expected, (path, reason) =>
    notes.add(passedOver(path, reason)),
  );
  const { config, plan, shapes } = trainer;
  if (checkpoint !== null) {
    const epochs = Math.floor(checkpoint.step / stepsPerEpoch(before));
    if (epochs >= config.epochs) throw noEpochLeft(config, folder);
    const values = withMovedRows(checkpoint.arrays, config, grown);
    const metadata = { [PICTURES]: config.data.fingerprint };
    const path = await writeCheckpoint(checkpoints, epochs * plan.stepsPerEpoch, values, shapes, metadata);
    await writeRunConfig(folder, config);
    await keepOnly(path);
  } else {
    await writeRunConfig(folder, config);
  }
  await writePictureNames(folder, dataset);
}

/** Shapes of a run's banks, by their places among its values. */
function bankShapes(config: RunConfig): Map<string, [number, number]> {
  const { memories, pictures } = describeRun(config).options;
  return memoryShapes(
    memories.filter(({ kind }) => kind === "bank"),
    pictures,
  );
}

function withMovedRows(values: Values, config: RunConfig, { places }: AddedPictures): Values {
  const { memories, pictures } = describeRun(config).options;
  const banks = memories.filter(({ kind }) => kind === "bank");
  const fresh = initialMemories(banks, pictures, config.seed);
  for (const [path, [, width]] of memoryShapes(banks, pictures)) {
    const [from, to] = [values.get(path)!, fresh.get(path)!];
    for (const [row, place] of places.entries())
      to.set(from.subarray(row * width, (row + 1) * width), place * width);
  }
  return new Map([...values, ...fresh]);
}

function noEpochLeft({ epochs }: RunConfig, folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "this run has no epoch left in which to look at more pictures",
    where: folder,
    expected: `${flagOf("epochs")} of more than ${epochs}`,
  });
}
