/** Finds out what is in the folder that a run will be written to. */
import { readFile } from "node:fs/promises";
import { AfterimageError } from "../../errors.ts";
import { optionName, optionValues } from "../../options/option-name.ts";
import type { Notes } from "../../runs/notes.ts";
import { checkpointNames } from "../../train/node/checkpoint.ts";
import {
  hasProgress,
  isCutShortConfig,
  readRunConfig,
  removeRun,
  runPaths,
} from "../../train/node/run-folder.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { PretrainOptions } from "../pretrain-options.ts";
import { requireFree, requireOwn } from "./require-own-files.ts";

export interface FoundRun {
  /** The configuration to continue with; null for a new run. */
  existing: RunConfig | null;
  /**
   * Removes the run that is replaced. Call it when the folder is locked and all checks of the new run have
   * passed.
   *
   * @throws AfterimageError `train/run-folder` when another process has changed the folder since it was
   * checked.
   */
  clear(): Promise<void>;
}

type FindOptions = Pick<PretrainOptions, "resume" | "force" | "morePictures">;

/**
 * @throws AfterimageError `train/run-folder` for an existing run that was not asked to be resumed or
 * replaced, for a missing run that is to be resumed, and for a file that no run wrote in the place of one of
 * its files; `usage/value` for resuming and replacing at once.
 */
export async function findRun(folder: string, options: FindOptions, notes: Notes): Promise<FoundRun> {
  const { resume = false, force = false, morePictures = false } = options;
  if (resume && force) throw bothAtOnce();
  if (morePictures && !resume) throw onlyResumed();
  const seen = await contentsOf(folder);
  const clear = () => requireUnchanged(folder, seen, { resumed: false });
  const cutShort = await isCutShortConfig(folder);
  const there = cutShort ? null : await readRunConfig(folder);
  if (resume === true && there === null) throw nothingToResume(folder, cutShort);
  if (there === null) {
    if (await hasProgress(folder)) throw withoutConfig(folder);
    requireFree(folder, { cutShort });
    return { existing: null, clear };
  }
  await requireOwn(folder, there);
  if (resume) return { existing: there, clear: () => requireUnchanged(folder, seen, { resumed: true }) };
  return startedOver(folder, force, notes, clear);
}

/** A run that is replaced, because it was asked for or because the run had not trained anything yet. */
async function startedOver(
  folder: string,
  force: boolean,
  notes: Notes,
  requireSame: () => Promise<void>,
): Promise<FoundRun> {
  const trained = await hasProgress(folder);
  if (trained && !force) throw runIsThere(folder);
  const why = trained ? "the earlier run was removed" : "the earlier run ended before its first checkpoint";
  return {
    existing: null,
    async clear() {
      await requireSame();
      await removeRun(folder);
      notes.add(`started over in ${folder}: ${why}`);
    },
  };
}

interface Contents {
  config: string;
  checkpoints: readonly string[];
}

async function contentsOf(folder: string): Promise<Contents> {
  const { config, checkpoints } = runPaths(folder);
  const text = await readFile(config, "latin1").catch(() => "");
  return { config: text, checkpoints: await checkpointNames(checkpoints) };
}

/**
 * Pictures are read and the step is built before the folder is locked. Another process may have trained there
 * meanwhile.
 */
async function requireUnchanged(
  folder: string,
  seen: Contents,
  { resumed }: { resumed: boolean },
): Promise<void> {
  const now = await contentsOf(folder);
  // A run that is resumed may have more checkpoints now: it continues from the last one.
  if (now.config === seen.config && (resumed || `${now.checkpoints}` === `${seen.checkpoints}`)) return;
  throw new AfterimageError("train/run-folder", {
    what: "another process has written to this folder since this command started",
    where: folder,
    todo: `Run the same command again, or choose another folder with ${optionName("out")}.`,
  });
}

function bothAtOnce(): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "a run cannot be both resumed and started over",
    where: `${optionName("resume")}, ${optionName("force")}`,
    expected: "only one of the two",
  });
}

function onlyResumed(): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "pictures can be added only to a run that is resumed",
    where: optionName("morePictures"),
    expected: `${optionName("resume")} as well`,
  });
}

function nothingToResume(folder: string, cutShort: boolean): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "there is no run to resume",
    where: folder,
    expected: "a folder with config.json",
    ...(cutShort && { got: "an incomplete config.json" }),
    todo: `Use ${optionValues({ resume: "auto" })} to resume a run if there is one, and to start one otherwise.`,
  });
}

function withoutConfig(folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "this folder has checkpoints or metrics of a run, but no config.json",
    where: folder,
    todo: `Restore config.json, or choose another folder with ${optionName("out")}.`,
  });
}

function runIsThere(folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "this folder already contains a run",
    where: folder,
    todo: `Continue it with ${optionName("resume")}, replace it with ${optionName("force")}, or choose another folder with ${optionName("out")}.`,
  });
}
