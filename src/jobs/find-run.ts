/** What there is in the folder that a run is to be written to. */
import { AfterimageError } from "../errors.ts";
import { hasProgress, readRunConfig, removeRun } from "../train/node/run-folder.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Notes } from "./notes.ts";
import type { PretrainOptions } from "./pretrain-options.ts";

export interface FoundRun {
  /** The configuration to go on with; null to start. */
  existing: RunConfig | null;
  /** Removes the run that is started over; to be called when nothing is left that could refuse the new one. */
  clear(): Promise<void>;
}

type FindOptions = Pick<PretrainOptions, "resume" | "force" | "morePictures">;

/**
 * @throws AfterimageError `train/run-folder` for a run that nobody asked to resume or to replace, and for none where one
 *   is to be resumed; `usage/value` for both at once.
 */
export async function findRun(
  folder: string,
  { resume = false, force = false, morePictures = false }: FindOptions,
  notes: Notes,
): Promise<FoundRun> {
  if (resume && force) throw bothAtOnce();
  if (morePictures && !resume) throw onlyResumed();
  const existing = await readRunConfig(folder);
  const trained = await hasProgress(folder);
  const clear = async () => {};
  if (resume) {
    if (existing === null) throw nothingToResume(folder);
    return { existing, clear };
  }
  if (existing === null) {
    if (trained) throw withoutConfig(folder);
    return { existing, clear };
  }
  if (trained && !force) throw runIsThere(folder);
  const why = trained ? "the run in it was removed" : "the run in it had ended before its first checkpoint";
  return {
    existing: null,
    async clear() {
      await removeRun(folder);
      notes.add(`started over in ${folder}: ${why}`);
    },
  };
}

function bothAtOnce(): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "a run cannot be resumed and started over at once",
    where: "--resume, --force",
    expected: "one of the two",
  });
}

function onlyResumed(): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "pictures can be added to a run that is resumed",
    where: "--more-pictures",
    expected: "--resume beside it",
  });
}

function nothingToResume(folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "there is no run to resume",
    where: folder,
    expected: "a folder with config.json",
  });
}

function withoutConfig(folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "this folder has checkpoints or metrics of a run, but not its configuration",
    where: folder,
    todo: "Put its config.json back, or choose another folder by --out.",
  });
}

function runIsThere(folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "there is a run in this folder already",
    where: folder,
    todo: "Go on with it by --resume, start over by --force, or choose another folder by --out.",
  });
}
