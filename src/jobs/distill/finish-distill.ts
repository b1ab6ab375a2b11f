/** Judges a student beside its teacher, and writes its results into the folder of its run. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { compareBaselines } from "../../transfer/compare-baselines.ts";
import { type JudgedPredictions, judgePredictions } from "../../transfer/judge-predictions.ts";
import type { LabelTask } from "../../transfer/label-task.ts";
import { mostProbable } from "../../transfer/read-logits.ts";
import type { AnsweredPictures } from "../../transfer/validation-observer.ts";
import type { DistillResult } from "../distill-options.ts";
import type { Computing } from "../finetune/computing.ts";
import { judgeNetwork } from "../finetune/judge-finetuned.ts";
import { type OutputsOn, outputsOf, outputsOfRun } from "../finetune/network-outputs.ts";
import { drawResults, type FinetunedNetwork, writeNetwork } from "../finetune/write-network.ts";
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
  const { config, values, step } = network;
  const { task } = teacher;
  const both = { student: outputsOfRun(config, values, computing), teacher: outputsOf(teacher, computing) };
  const judged = await judge(both, teacher, pictures);
  const { scores, temperature, testedOn } = judged;
  const baselines = judged.teacher === null ? [] : [judged.teacher];
  await writeResult(folder, { step, task, testedOn, temperature, scores, baselines });
  const calibrated = { ...network, temperature, outputs: both.student };
  const known = { task, training: pictures.training, others: pictures.validation?.dataset ?? null };
  const { tested } = pictures;
  return {
    ...{ testedOn, scores, teacher: judged.teacher },
    encoder: await writeNetwork(folder, calibrated, known, computing),
    agreement: task.kind === "classes" ? await agreementOf(both, tested?.dataset ?? pictures.training) : null,
    ...(tested === null ? NOTHING_DRAWN : await drawResults(folder, calibrated, { task, tested })),
  };
}

const NOTHING_DRAWN = { confusion: null, mistakes: null };

/** The outputs of student and teacher. */
interface Both {
  student: OutputsOn;
  teacher: OutputsOn;
}

type Judgement = Pick<Finished, "testedOn" | "scores" | "teacher"> & { temperature: number | null };

async function judge(
  both: Both,
  { task, ...teacher }: Pick<Teacher, "task" | "temperature">,
  { validation, tested, counts }: StudentPictures,
): Promise<Judgement> {
  const untold = task.kind === "numbers" ? null : teacher.temperature;
  if (tested === null) return { testedOn: null, scores: null, teacher: null, temperature: untold };
  const judged = await judgeStudent(both.student, { task, validation, tested }, untold);
  const { logits } = await both.teacher(tested.dataset);
  const others = { teacher: judgePredictions(task, logits, tested.answers) };
  return {
    testedOn: counts.test > 0 ? "test" : "validation",
    ...{ scores: judged.scores, temperature: judged.temperature },
    teacher: compareBaselines(judged, others)[0] ?? null,
  };
}

/** @param untold the temperature if there are no pictures to fit one on. */
async function judgeStudent(
  outputs: OutputsOn,
  { task, validation, tested }: { task: LabelTask } & Tested,
  untold: number | null,
): Promise<JudgedPredictions & { temperature: number | null }> {
  if (validation !== null) return judgeNetwork(outputs, { task, validation, tested });
  const { logits } = await outputs(tested.dataset);
  return { ...judgePredictions(task, logits, tested.answers, untold), temperature: untold };
}

interface Tested {
  validation: AnsweredPictures | null;
  tested: AnsweredPictures;
}

/** The share of pictures for which both find the same class the most probable. */
async function agreementOf({ student, teacher }: Both, dataset: PictureDataset): Promise<number> {
  const own = mostProbable((await student(dataset)).logits);
  const other = mostProbable((await teacher(dataset)).logits);
  return own.filter((label, row) => label === other[row]).length / own.length;
}
