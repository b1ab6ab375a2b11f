/** The main job: from pictures to a trained encoder in a run folder. */
import { statSync } from "node:fs";
import { basename, join, parse, resolve } from "node:path";
import { openPictures } from "../data/node/open-pictures.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { requireProvider } from "../runtime/providers.ts";
import { describeRun } from "../train/describe-run.ts";
import { removePartials, runPaths, writePictureNames, writeRunConfig } from "../train/node/run-folder.ts";
import { holdRun, requireIdle } from "../train/node/run-lock.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import type { RunConfig } from "../train/run-config.ts";
import { Trainer } from "../train/trainer.ts";
import { addedPictures } from "./added-pictures.ts";
import { availableMemory } from "./available-memory.ts";
import { checkOptions } from "./check-options.ts";
import { chooseThreads } from "./choose-threads.ts";
import { canvasFor, checkChoices, configure } from "./configure.ts";
import { continuedConfig, pictureChanges } from "./continued-config.ts";
import { environmentOf } from "./environment.ts";
import { examinePictures } from "./examine-pictures.ts";
import { findRun } from "./find-run.ts";
import { growRun } from "./grow-run.ts";
import { Notes } from "./notes.ts";
import { pictureNotes } from "./picture-notes.ts";
import type { PretrainOptions, PretrainResult } from "./pretrain-options.ts";
import { BACKBONE_RULES, PRETRAIN_RULES } from "./pretrain-rules.ts";
import { PretrainingRun, type RunOptions } from "./pretraining-run.ts";
import type { OnProgress } from "./progress.ts";
import { requireDiskSpace } from "./require-disk-space.ts";
import { requireRunPlace } from "./require-folder-place.ts";
import { requireExportable } from "./write-encoder.ts";

export type { EncoderSnapshot, PretrainOptions, PretrainResult } from "./pretrain-options.ts";

/**
 * Trains an encoder without labels. Everything is written to the run folder; the same options, pictures and thread
 * count give the same weights bit for bit, interrupted or not.
 *
 * @throws AfterimageError for pictures, options or a run folder that cannot be used, and `train/not-finite`.
 */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  checkOptions("pretrain", options, PRETRAIN_RULES, ["pictures"]);
  checkOptions("pretrain({ backboneOptions })", options.backboneOptions ?? {}, BACKBONE_RULES, []);
  const onProgress = options.onProgress ?? (() => {});
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  const folder = options.out ?? defaultFolder(options);
  requireRunPlace(folder);
  requireIdle(folder);
  const { existing, clear } = await findRun(folder, options, notes);
  const { provider = "cpu" } = options;
  const environment = environmentOf({ threads, provider });
  const continued = existing && continuedConfig(options, existing, environment, folder);
  if (existing === null) checkChoices(options);
  await requireProvider(provider);
  const dataset = await open(options, existing, onProgress);
  try {
    notes.addAll(pictureNotes(options.labels === false ? { ...dataset, unlabelled: null } : dataset));
    const data = { path: pathOf(options), fingerprint: dataset.fingerprint, pictures: dataset.size };
    const allowed = options.morePictures === true;
    const more = existing && (await addedPictures(existing, dataset, { folder, allowed }));
    const config = continued
      ? { ...continued.config, ...(more && { data }) }
      : { ...configure(options, data), environment };
    if (existing === null) notes.addAll(await examinePictures(dataset, config));
    requireExportable(config);
    notes.addAll(describeRun(config).remarks);
    const changes = [...(continued?.changes ?? []), ...(more ? pictureChanges(existing!, config) : [])];
    const sitting = { ...options, threads, onProgress, notes, changes };
    return await train(folder, config, dataset, sitting, async (trainer) => {
      await removePartials(folder);
      await requireDiskSpace(folder, trainer);
      await clear();
      if (existing === null) await writeRunConfig(folder, config);
      if (more) await growRun(folder, trainer, { ...more, before: existing!, dataset }, notes);
      else await writePictureNames(folder, dataset);
      await writeSkipped(folder, dataset);
    });
  } finally {
    if (typeof options.pictures === "string") await dataset.close();
  }
}

/** Holds the folder and trains; `prepare` is the first to write there, when nothing is left that could refuse. */
async function train(
  folder: string,
  config: RunConfig,
  dataset: PictureDataset,
  sitting: RunOptions,
  prepare: (trainer: Trainer) => Promise<void>,
): Promise<PretrainResult> {
  const { threads, provider = "cpu" } = sitting;
  const trainer = await Trainer.create(config, { threads, provider, memory: availableMemory() });
  try {
    const release = holdRun(folder);
    try {
      await prepare(trainer);
      return await new PretrainingRun(folder, trainer, dataset, sitting).go();
    } finally {
      release();
    }
  } finally {
    await trainer.release();
  }
}

async function open(
  options: PretrainOptions,
  existing: RunConfig | null,
  onProgress: OnProgress,
): Promise<PictureDataset> {
  if (typeof options.pictures !== "string") return options.pictures;
  const dataset = await openPictures(options.pictures, {
    canvas: existing?.canvas ?? canvasFor(options),
    labels: options.labels === false ? false : "auto",
    ...(options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: (done, total) => onProgress({ type: "cache", done, total }),
  });
  if (options.signal?.aborted) await dataset.close();
  options.signal?.throwIfAborted();
  return dataset;
}

async function writeSkipped(folder: string, { skipped }: PictureDataset): Promise<void> {
  if (skipped.length === 0) return;
  await writeFileWhole(
    runPaths(folder).skipped,
    skipped.map((entry) => `${JSON.stringify(entry)}\n`).join(""),
  );
}

/** Named after the pictures: a folder by its whole name, which may have dots, and a file by that before its ending. */
function defaultFolder(options: PretrainOptions): string {
  const path = resolve(pathOf(options));
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const name = (isFolder ? basename(path) : parse(path).name) || "pictures";
  return join("runs", `${name}-${options.method ?? "simclr"}`);
}

function pathOf({ pictures }: PretrainOptions): string {
  return typeof pictures === "string" ? pictures : "(in memory)";
}
