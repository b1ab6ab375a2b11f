/** The main job: from pictures to a trained encoder in a run folder. */
import { openPictures } from "../data/node/open-pictures.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { type PictureSurvey, surveyDataset } from "../data/picture-survey.ts";
import { availableMemory } from "../machine/available-memory.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { addMethod } from "../methods/index.ts";
import type { Method } from "../objectives/method.ts";
import { checkOptions } from "../options/check-options.ts";
import { collapseObserver } from "../runs/collapse.ts";
import {
  backgroundFor,
  type Choices,
  canvasFor,
  checkChoices,
  configure,
  DEFAULT_IMAGE_SIZE,
} from "../runs/configure/configure.ts";
import { monitorObserver, votingNotes } from "../runs/monitor.ts";
import { FolderStore } from "../runs/node/folder-store.ts";
import { Notes } from "../runs/notes.ts";
import { type LoopOptions, TrainingLoop } from "../runs/training-loop.ts";
import { requireProvider } from "../runtime/providers.ts";
import { type DescribedRun, describeRun } from "../train/describe-run.ts";
import { removePartials, writePictureNames, writeRunConfig } from "../train/node/run-folder.ts";
import { holdRun, requireIdle } from "../train/node/run-lock.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";
import { Trainer } from "../train/trainer.ts";
import { environmentOf } from "./environment.ts";
import { pictureNotes } from "./notes/picture-notes.ts";
import { settingNotes } from "./notes/setting-notes.ts";
import { openOptions } from "./picture-options.ts";
import { canvasOfPictures, requireCanvasFor } from "./pictures/canvas-of-pictures.ts";
import { examinePictures } from "./pictures/examine-pictures.ts";
import { defaultFolder } from "./places/default-folder.ts";
import { requireDiskSpace } from "./places/require-disk-space.ts";
import { requireRunPlace } from "./places/require-folder-place.ts";
import {
  type NamedOptions,
  type PretrainOptions,
  type PretrainResult,
  pretrainOptions,
} from "./pretrain-options.ts";

import { addedPictures } from "./resume/added-pictures.ts";
import { continuedConfig, pictureChanges } from "./resume/continued-config.ts";
import { findRun } from "./resume/find-run.ts";
import { growRun } from "./resume/grow-run.ts";
import { writeSkipped } from "./run/write-skipped.ts";
import { writtenAtEnd } from "./run/written-at-end.ts";
import { schemaWithBackbone } from "./schema-with-backbone.ts";
import { chooseSizes, type SizingOptions, sizesText } from "./sizes/choose-sizes.ts";
import { requireExportable } from "./write-encoder.ts";

export type { EncoderSnapshot } from "../runs/observer.ts";
export type { PretrainOptions, PretrainResult } from "./pretrain-options.ts";

/**
 * Trains an encoder without labels. Everything is written to the run folder. The same options, pictures and
 * thread count give the same weights bit for bit, whether or not the run was interrupted.
 *
 * @throws AfterimageError for pictures, options or a run folder that cannot be used, and `train/not-finite`.
 */
export async function pretrain(given: PretrainOptions): Promise<PretrainResult> {
  const startedAt = performance.now();
  const asked = withNamedMethod(given);
  checkOptions("pretrain", asked, schemaWithBackbone(pretrainOptions, asked?.backbone));
  const canvas = canvasOfPictures(asked);
  const options = { ...asked, ...(canvas === undefined ? {} : { canvas }) };
  const onProgress = options.onProgress ?? (() => {});
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  const folder = options.out ?? defaultFolder(pathOf(options), options.method);
  requireRunPlace(folder);
  requireIdle(folder);
  const { existing, clear } = await findRun(folder, options, notes);
  const { provider = "cpu" } = options;
  const environment = environmentOf({ threads, provider });
  const continued = existing && continuedConfig(options, existing, environment, folder);
  if (existing === null) checkChoices(options);
  await requireProvider(provider);
  const sizing = { threads, provider, startedAt, onProgress, fewestEpochs: options.fewestEpochs };
  const { dataset, choices } = await open(options, existing, sizing);
  try {
    notes.addAll(pictureNotes(options.labels === false ? { ...dataset, unlabelled: null } : dataset));
    notes.addAll(votingNotes(dataset));
    const data = { path: pathOf(options), fingerprint: dataset.fingerprint, pictures: dataset.size };
    const allowed = options.morePictures === true;
    const more = existing && (await addedPictures(existing, dataset, { folder, allowed }));
    const config = continued
      ? { ...continued.config, ...(more && { data }) }
      : { ...configure(choices, data), environment, ...pacingOf(options) };
    const described = describeRun(config);
    const { remarks, consequences } = described;
    if (existing === null) {
      for (const message of [sizesText(config, options), ...consequences])
        onProgress({ type: "plan", message });
      notes.addAll(await examinePictures(dataset, config));
    }
    requireExportable(config);
    notes.addAll(remarks);
    if (existing === null || options.training !== undefined)
      notes.addAll(settingNotes(options, config, described.situation));
    const changes = [...(continued?.changes ?? []), ...(more ? pictureChanges(existing!, config) : [])];
    const session = { ...options, threads, onProgress, notes, changes, startedAt };
    return await train(folder, described, dataset, session, async (trainer) => {
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

/** The same options with the name of a method of the user's own, which is registered from here on. */
function withNamedMethod(options: PretrainOptions): NamedOptions {
  const { method } = options;
  // A name; anything else is refused with the other options.
  if (!isMethod(method)) return options as NamedOptions;
  addMethod(method);
  return { ...options, method: method.name };
}

function isMethod(value: PretrainOptions["method"]): value is Method {
  return (
    typeof value === "object" && typeof value?.name === "string" && typeof value.objective === "function"
  );
}

/** The parts of the loop's options that concern this session. */
type Session = Pick<
  LoopOptions,
  | "threads"
  | "onProgress"
  | "notes"
  | "changes"
  | "startedAt"
  | "fewestEpochs"
  | "monitorEvery"
  | "checkpointEvery"
  | "signal"
  | "onEpoch"
> &
  Pick<PretrainOptions, "provider">;

/** Locks the folder and trains. `prepare` is the first to write there, after all checks have passed. */
async function train(
  folder: string,
  described: DescribedRun,
  dataset: PictureDataset,
  session: Session,
  prepare: (trainer: Trainer) => Promise<void>,
): Promise<PretrainResult> {
  const { threads, provider = "cpu" } = session;
  const trainer = await Trainer.of(described, { threads, provider, memory: availableMemory() });
  try {
    const release = holdRun(folder);
    try {
      await prepare(trainer);
      return await go(folder, trainer, dataset, session);
    } finally {
      release();
    }
  } finally {
    await trainer.release();
  }
}

/** The session's part of the run, and its results in the folder. */
async function go(
  folder: string,
  trainer: Trainer,
  dataset: PictureDataset,
  session: Session,
): Promise<PretrainResult> {
  const { threads, notes } = session;
  const { written, observers } = writtenAtEnd(folder, dataset, threads);
  const looks = [monitorObserver(dataset, trainer.config.seed, threads), collapseObserver(dataset)];
  const store = new FolderStore(folder);
  const loop = { ...session, trainer, dataset, store, observers: [...looks, ...observers] };
  const result = await new TrainingLoop(loop).go();
  return { ...result, ...written, run: folder, skipped: dataset.skipped.length, notes: notes.list };
}

interface Opened {
  dataset: PictureDataset;
  /** The choices that were asked for; for a new run also those that followed from the pictures. */
  choices: Choices;
}

/**
 * Chooses sizes from what is known of the pictures before they are decoded, and the canvases from the sizes.
 */
async function open(
  options: NamedOptions,
  existing: RunConfig | null,
  sizing: SizingOptions,
): Promise<Opened> {
  const { pictures, onProgress } = { ...options, ...sizing };
  let choices: Choices = options;
  const choose = async (survey: PictureSurvey): Promise<number> => {
    choices = await chooseSizes(options, survey, sizing);
    return canvasFor(choices);
  };
  if (typeof pictures !== "string") {
    if (existing !== null) return { dataset: pictures, choices };
    await choose(surveyDataset(pictures));
    requireCanvasFor(choices.imageSize ?? DEFAULT_IMAGE_SIZE, pictures);
    return { dataset: pictures, choices };
  }
  const background = existing === null ? backgroundFor(options) : backgroundOf(existing);
  const laying = { canvas: existing?.canvas ?? choose, background, onProgress };
  const dataset = await openPictures(pictures, openOptions(options, laying));
  if (options.signal?.aborted) await dataset.close();
  options.signal?.throwIfAborted();
  return { dataset, choices };
}

/** Epochs that a user asks for do not follow the pace, and neither do those of a repeated run. */
function pacingOf({ minutes, epochs, repeats }: PretrainOptions): Pick<RunConfig, "minutes" | "repeats"> {
  if (repeats !== undefined) return { repeats: [...repeats] };
  return minutes === undefined || epochs !== undefined ? {} : { minutes };
}

function pathOf({ pictures }: PretrainOptions): string {
  return typeof pictures === "string" ? pictures : "(in memory)";
}
