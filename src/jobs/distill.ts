/** Distillation of labels: from a fine-tuned network and pictures to a student that predicts the labels. */
import { availableMemory } from "../machine/available-memory.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { checkOptions } from "../options/check-options.ts";
import { FolderStore } from "../runs/node/folder-store.ts";
import { Notes } from "../runs/notes.ts";
import { requireProvider } from "../runtime/providers.ts";
import { describeRun } from "../train/describe-run.ts";
import { requireIdle } from "../train/node/run-lock.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Trainer } from "../train/trainer.ts";
import { distillLabels } from "../transfer/distill-labels.ts";
import { averagedValues } from "../transfer/network-of-run.ts";
import { configureDistill } from "./distill/configure-distill.ts";
import { continuedDistill } from "./distill/continued-distill.ts";
import { finishDistill } from "./distill/finish-distill.ts";
import { openStudent, type Student } from "./distill/open-student.ts";
import { openTeacher, type Teacher } from "./distill/open-teacher.ts";
import { type StudentPictures, withStudentPictures } from "./distill/with-student-pictures.ts";
import { type DistillOptions, type DistillResult, distillOptions } from "./distill-options.ts";
import type { Computing } from "./finetune/computing.ts";
import { timedConfig } from "./finetune/timed-config.ts";
import { defaultFolder } from "./places/default-folder.ts";
import { requireRunPlace } from "./places/require-folder-place.ts";
import type { ContinuedConfig } from "./resume/continued-config.ts";
import { findRun } from "./resume/find-run.ts";
import { trainInFolder } from "./run/train-in-folder.ts";
import { schemaWithBackbone } from "./schema-with-backbone.ts";
import { requireExportable } from "./write-encoder.ts";

export type { DistillOptions, DistillResult } from "./distill-options.ts";

/**
 * Trains a student on the softened outputs of a fine-tuned network for pictures that need no labels: the
 * third step of SimCLR v2 (Chen et al. 2020, arXiv 2006.10029). The student's run is one like that of its
 * teacher, from which `predict`, `evaluate`, `embed` and `export` read. If pictures have labels that the
 * teacher knows, a part of them is held out, and the result says how well student and teacher predict it. The
 * same options, pictures and thread count give the same weights bit for bit, whether or not the run was
 * interrupted.
 *
 * @throws AfterimageError for runs, pictures, options or a run folder that cannot be used, and
 * `train/not-finite`.
 */
export async function distill(asked: DistillOptions): Promise<DistillResult> {
  const startedAt = performance.now();
  checkOptions("distill", asked, schemaWithBackbone(distillOptions, asked?.backbone));
  const options = { ...asked, ...settingsAsOptions(asked) };
  const { onProgress = () => {}, provider = "cpu", signal } = options;
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  const folder = options.out ?? defaultFolder(placeOf(options), "distilled");
  requireRunPlace(folder);
  requireIdle(folder);
  const { existing, clear } = await findRun(folder, options, notes);
  await requireProvider(provider);
  const teacher = await openTeacher(options.run, notes.add);
  const student = await openStudent(options, teacher, notes.add);
  const computing = { threads, provider, memory: availableMemory(), onProgress, signal };
  const networks = { teacher, student };
  return withStudentPictures({ ...options, threads }, networks, notes, async (pictures) => {
    const session = { options, ...networks, startedAt, notes, folder, pictures, computing };
    const { config, changes } = await configured(session, existing);
    requireExportable(config);
    onProgress({ type: "plan", message: pictures.text });
    notes.addAll(describeRun(config).remarks);
    const place = {
      folder,
      isNew: existing === null,
      clear,
      pictures: pictures.training,
      dataset: pictures.dataset,
    };
    return trainInFolder(config, place, computing, (trainer) => go(trainer, session, changes));
  });
}

/** Options that were given by their names as settings. */
function settingsAsOptions({ settings = {}, ...asked }: DistillOptions): Partial<DistillOptions> {
  const { temperature, labelWeight } = settings as Partial<DistillOptions>;
  return {
    ...(temperature !== undefined && asked.temperature === undefined && { temperature }),
    ...(labelWeight !== undefined && asked.labelWeight === undefined && { labelWeight }),
  };
}

interface Session {
  options: DistillOptions;
  teacher: Teacher;
  student: Student;
  pictures: StudentPictures;
  computing: Computing;
  startedAt: number;
  notes: Notes;
  folder: string;
}

/** The configuration of a new run, or of one that continues. */
async function configured(
  { options, teacher, student, pictures, computing, folder }: Session,
  existing: RunConfig | null,
): Promise<ContinuedConfig> {
  const fresh = await timedConfig(
    (epochs) => configureDistill({ ...options, ...(epochs && { epochs }) }, teacher, student, pictures),
    options,
    { trainings: 1, isNew: existing === null },
    computing,
  );
  return existing === null
    ? { config: fresh, changes: [] }
    : continuedDistill(options, existing, fresh, folder);
}

async function go(
  trainer: Trainer,
  { teacher, student, pictures, computing, folder, notes, startedAt }: Session,
  changes: ContinuedConfig["changes"],
): Promise<DistillResult> {
  const { task } = teacher;
  const { training, validation } = pictures;
  const trained = await distillLabels({
    ...{ trainer, task, teacher: teacher.values, start: student.start, training, validation },
    ...{ store: new FolderStore(folder), notes, startedAt, changes, observers: [], ...computing },
  });
  const { interrupted, config, steps, seconds, epochs } = trained;
  const network = { config, values: averagedValues(trainer.values), step: steps };
  const judged = interrupted ? null : await finishDistill(folder, network, teacher, pictures, computing);
  return {
    ...{ run: folder, interrupted, config, steps, seconds, epochs, task, pictures: pictures.counts },
    ...(judged ?? NOTHING_JUDGED),
    ...{ skipped: pictures.dataset.skipped.length, notes: notes.list },
  };
}

const NOTHING_JUDGED = {
  ...{ testedOn: null, scores: null, teacher: null, agreement: null },
  ...{ encoder: null, confusion: null, mistakes: null },
};

function placeOf({ pictures }: DistillOptions): string {
  return typeof pictures === "string" ? pictures : "pictures";
}
