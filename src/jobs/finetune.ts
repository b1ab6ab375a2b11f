/** Fine-tuning: from a pre-trained encoder and labelled pictures to a network that predicts the labels. */
import { availableMemory } from "../machine/available-memory.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { checkOptions } from "../options/check-options.ts";
import { FolderStore } from "../runs/node/folder-store.ts";
import { Notes } from "../runs/notes.ts";
import { requireProvider } from "../runtime/providers.ts";
import { describeRun } from "../train/describe-run.ts";
import { runPaths } from "../train/node/run-folder.ts";
import { requireIdle } from "../train/node/run-lock.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Trainer } from "../train/trainer.ts";
import { fineTune } from "../transfer/fine-tune.ts";
import { averagedValues } from "../transfer/network-of-run.ts";
import type { Computing } from "./finetune/computing.ts";
import { configureFinetune } from "./finetune/configure-finetune.ts";
import { continuedFinetune } from "./finetune/continued-finetune.ts";
import { finishFinetune } from "./finetune/finish-finetune.ts";
import { FolderBest } from "./finetune/folder-best.ts";
import { openSource, type Source } from "./finetune/open-source.ts";
import { timedConfig } from "./finetune/timed-config.ts";
import { type OpenedLabels, withLabelled } from "./finetune/with-labelled.ts";
import { type FinetuneOptions, type FinetuneResult, finetuneOptions } from "./finetune-options.ts";
import { defaultFolder } from "./places/default-folder.ts";
import { requireRunPlace } from "./places/require-folder-place.ts";
import { findRun } from "./resume/find-run.ts";
import { trainInFolder } from "./run/train-in-folder.ts";
import { requireExportable } from "./write-encoder.ts";

export type { FinetuneOptions, FinetuneResult } from "./finetune-options.ts";

/**
 * Trains an encoder and a new classifier on labelled pictures. A part of the pictures is never trained on.
 * The result contains the scores on it (or on the data set's own test part), and those of simpler ways to use
 * the same labels. Everything is written to the run folder, from which `predict`, `evaluate`, `embed` and
 * `export` read. The same options, pictures and thread count give the same weights bit for bit, whether or
 * not the run was interrupted.
 *
 * @throws AfterimageError for a run, pictures, labels, options or a run folder that cannot be used, and
 * `train/not-finite`.
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneResult> {
  const startedAt = performance.now();
  checkOptions("finetune", options, finetuneOptions);
  const { onProgress = () => {}, provider = "cpu", signal } = options;
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  const folder = options.out ?? defaultFolder(nameOf(options), "fine-tuned");
  requireRunPlace(folder);
  requireIdle(folder);
  const { existing, clear } = await findRun(folder, options, notes);
  await requireProvider(provider);
  const source = await openSource(options, notes.add);
  const computing = { threads, provider, memory: availableMemory(), onProgress, signal };
  return withLabelled({ ...options, threads }, source, notes, async (labelled) => {
    const { seeds = 1, baselines = true } = options;
    const fresh = await timedConfig(
      (epochs) => configureFinetune({ ...options, ...(epochs && { epochs }) }, source, labelled),
      options,
      { trainings: seeds + (baselines ? 1 : 0), isNew: existing === null },
      computing,
    );
    const { config, changes } =
      existing === null
        ? { config: fresh, changes: [] }
        : continuedFinetune(options, existing, fresh, folder);
    requireExportable(config);
    tellOfRun(config, labelled, notes, onProgress);
    const session = { ...options, startedAt, notes, changes, folder, source, labelled, computing };
    const place = {
      folder,
      isNew: existing === null,
      clear,
      pictures: labelled.parts.training.dataset,
      dataset: labelled.dataset,
    };
    return trainInFolder(config, place, computing, (trainer) => go(trainer, session));
  });
}

interface Session extends FinetuneOptions {
  startedAt: number;
  notes: Notes;
  changes: Parameters<typeof fineTune>[0]["changes"] & object;
  folder: string;
  source: Source;
  labelled: OpenedLabels;
  computing: Computing;
}

async function go(trainer: Trainer, session: Session): Promise<FinetuneResult> {
  const { folder, source, labelled, notes, computing, startedAt, changes, patience } = session;
  const { task, training, validation } = labelled.parts;
  const trained = await fineTune({
    ...{ trainer, task, training, validation, start: source.start, notes, startedAt, changes, patience },
    ...{ store: new FolderStore(folder), best: new FolderBest(runPaths(folder).best) },
    ...{ observers: [], ...computing },
  });
  const { interrupted, config, steps, seconds, epochs, step } = trained;
  const values = averagedValues(trainer.values);
  if (step !== steps) notes.add(`the run keeps the weights after step ${step}, which had the best score`);
  // The step of the state that readers of the run find, also if its weights are those of an earlier one.
  const network = { config, values, step: steps };
  const judged = interrupted ? null : await finishFinetune(folder, network, session, labelled.parts);
  return {
    ...{ run: folder, interrupted: judged === null, config, steps, seconds, epochs, task },
    pictures: labelled.facts.pictures,
    labelCounts: labelled.counts,
    ...(judged ?? NOTHING_JUDGED),
    ...{ skipped: labelled.dataset.skipped.length, notes: notes.list },
  };
}

const NOTHING_JUDGED = {
  ...{ testedOn: null, scores: null, seeds: [], spread: null, baselines: [] },
  ...{ encoder: null, confusion: null, mistakes: null },
};

function tellOfRun(
  config: RunConfig,
  labelled: OpenedLabels,
  notes: Notes,
  onProgress: (event: { type: "plan"; message: string }) => void,
): void {
  onProgress({ type: "plan", message: labelled.text });
  const { remarks } = describeRun(config);
  notes.addAll(remarks);
}

function nameOf({ pictures }: FinetuneOptions): string {
  return typeof pictures === "string" ? pictures : "pictures";
}
