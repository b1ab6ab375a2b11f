/** Judges a student beside its teacher, and writes its results into the folder of its run. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { predictLogits } from "../../transfer/classifier.ts";
import { compareBaselines } from "../../transfer/compare-baselines.ts";
import { type JudgedPredictions, judgePredictions } from "../../transfer/judge-predictions.ts";
import type { LabelTask } from "../../transfer/label-task.ts";
import { mostProbable } from "../../transfer/read-logits.ts";
import type { AnsweredPictures } from "../../transfer/validation-observer.ts";
import type { DistillResult } from "../distill-options.ts";
import { applyNetwork, type Computing, judgeNetwork } from "../finetune/judge-finetuned.ts";
import {
  type CalibratedNetwork,
  drawResults,
  type FinetunedNetwork,
  writeNetwork,
} from "../finetune/write-network.ts";
import { writeResult } from "../results/result-file.ts";
import type { Teacher } from "./open-teacher.ts";
import type { StudentPictures } from "./with-student-pictures.ts";

type Finished = Pick<
  DistillResult,
  "testedOn" | "scores" | "teacher" | "agreement" | "encoder" | "confusion" | "mistakes"
>;

/**
 * Without labelled pictures there are no scores, and the student has the temperature of its teacher, whose
 * outputs it has learned.
 */
export async function finishDistill(
  folder: string,
  network: FinetunedNetwork,
  teacher: Teacher,
  pictures: StudentPictures,
  computing: Computing,
): Promise<Finished> {
  const judged = await judge(network, teacher, pictures, computing);
  const { scores, temperature, testedOn } = judged;
  const { step } = network;
  const { task } = teacher;
  const baselines = judged.teacher === null ? [] : [judged.teacher];
  await writeResult(folder, { step, task, testedOn, temperature, scores, baselines });
  const known = { task, training: pictures.training, others: pictures.validation?.dataset ?? null };
  const encoder = await writeNetwork(folder, { ...network, temperature }, known, computing);
  const shown = pictures.tested?.dataset ?? pictures.training;
  return {
    ...{ testedOn, scores, teacher: judged.teacher, encoder },
    agreement: task.kind === "classes" ? await agreementOf(network, teacher, shown, computing) : null,
    ...(await draw(folder, { ...network, temperature }, teacher, pictures, computing)),
  };
}

type Judgement = Pick<Finished, "testedOn" | "scores" | "teacher"> & { temperature: number | null };

async function judge(
  network: FinetunedNetwork,
  teacher: Teacher,
  { validation, tested, counts }: StudentPictures,
  computing: Computing,
): Promise<Judgement> {
  const { task } = teacher;
  const untold = task.kind === "numbers" ? null : teacher.temperature;
  if (tested === null) return { testedOn: null, scores: null, teacher: null, temperature: untold };
  const judged = await judgeStudent(network, { task, validation, tested }, untold, computing);
  const logits = await teacherLogits(teacher, tested.dataset, computing);
  const others = { teacher: judgePredictions(task, logits, tested.answers) };
  return {
    testedOn: counts.test > 0 ? "test" : "validation",
    ...{ scores: judged.scores, temperature: judged.temperature },
    teacher: compareBaselines(judged, others)[0] ?? null,
  };
}

/** @param untold the temperature if there are no pictures to fit one on. */
async function judgeStudent(
  { config, values }: FinetunedNetwork,
  { task, validation, tested }: { task: LabelTask } & Tested,
  untold: number | null,
  computing: Computing,
): Promise<JudgedPredictions & { temperature: number | null }> {
  if (validation !== null) return judgeNetwork(config, values, { task, validation, tested }, computing);
  const { logits } = await applyNetwork(config, values, tested.dataset, computing);
  return { ...judgePredictions(task, logits, tested.answers, untold), temperature: untold };
}

interface Tested {
  validation: AnsweredPictures | null;
  tested: AnsweredPictures;
}

async function teacherLogits(
  { backbone, head, values, imageSize }: Teacher,
  dataset: PictureDataset,
  { threads, onProgress }: Computing,
) {
  const { logits } = await predictLogits(dataset, {
    ...{ backbone, head, values, imageSize, threads },
    onProgress: (done, total) => onProgress({ type: "features", done, total }),
  });
  return logits;
}

async function agreementOf(
  { config, values }: FinetunedNetwork,
  teacher: Teacher,
  dataset: PictureDataset,
  computing: Computing,
): Promise<number> {
  const { logits } = await applyNetwork(config, values, dataset, computing);
  const own = mostProbable(logits);
  const other = mostProbable(await teacherLogits(teacher, dataset, computing));
  return own.filter((label, row) => label === other[row]).length / own.length;
}

async function draw(
  folder: string,
  network: CalibratedNetwork,
  { task }: Teacher,
  { tested }: StudentPictures,
  computing: Computing,
): Promise<Pick<Finished, "confusion" | "mistakes">> {
  if (tested === null) return { confusion: null, mistakes: null };
  return drawResults(folder, network, { task, tested }, computing);
}
