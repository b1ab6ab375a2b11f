/** The configuration of a distillation: from options, teacher, student and pictures. */
import { type LabelDistillationSettings, labelDistillation } from "../../methods/label-distillation.ts";
import type { Method } from "../../objectives/method.ts";
import { configureFor } from "../../runs/configure/configure.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { DistillOptions } from "../distill-options.ts";
import { epochsFor } from "../finetune/configure-finetune.ts";
import { nameOf } from "../given-pictures.ts";
import type { Student } from "./open-student.ts";
import type { Teacher } from "./open-teacher.ts";
import type { StudentPictures } from "./with-student-pictures.ts";

/** A student begins with less than a network that is fine-tuned, and has twice its epochs. */
const LONGER = 2;

/** @throws AfterimageError as {@link configureFor} does. */
export function configureDistill(
  options: DistillOptions,
  teacher: Teacher,
  student: Student,
  { training, counts }: Pick<StudentPictures, "training" | "counts">,
): RunConfig {
  const { epochs = LONGER * epochsFor(training.size), batchSize, microBatch, seed = 0 } = options;
  const { backbone, imageSize } = student;
  const choices = {
    ...{ epochs, imageSize, canvas: training.canvas, seed, training: options.training ?? {} },
    settings: { ...options.settings, ...settingsOf(options, teacher, student) },
    ...(batchSize !== undefined && { batchSize }),
    ...(microBatch !== undefined && { microBatch }),
  };
  const { fingerprint, size } = training;
  const data = { path: nameOf(options.pictures), fingerprint, pictures: size };
  const config = configureFor(backbone, choices, data, labelDistillation as unknown as Method);
  return { ...config, background: teacher.background, labels: labelsOf(options, teacher, student, counts) };
}

/** What follows from options and networks; `settings` may override the others of the recipe. */
function settingsOf(
  { temperature, labelWeight }: DistillOptions,
  { task, settings: teacher }: Teacher,
  { source }: Student,
): Partial<LabelDistillationSettings> {
  return {
    ...{ task: task.kind, outputs: task.names.length, source, keptHead: null, teacher },
    ...(temperature !== undefined && { temperature }),
    ...(labelWeight !== undefined && { labelWeight }),
  };
}

function labelsOf(
  { labels: amount, validation }: DistillOptions,
  { task: { names, scale } }: Teacher,
  { from }: Student,
  { training, validation: held, test }: StudentPictures["counts"],
): NonNullable<RunConfig["labels"]> {
  return {
    names: [...names],
    ...(scale && { scale: { mean: [...scale.mean], deviation: [...scale.deviation] } }),
    ...(amount !== undefined && { amount }),
    pictures: { training, validation: held, test },
    ...(validation !== undefined && { validation }),
    ...(from && { from }),
  };
}
