/** Opens the pictures of a student, and divides them into those that train, are held out, or test. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { subset } from "../../data/subset.ts";
import type { TargetColumn } from "../../data/targets.ts";
import { withTargets } from "../../data/with-targets.ts";
import { AfterimageError } from "../../errors.ts";
import { LABELLED } from "../../methods/label-distillation.ts";
import { optionName } from "../../options/option-name.ts";
import type { Notes } from "../../runs/notes.ts";
import { readPictureNames } from "../../train/node/run-folder.ts";
import { answersAt } from "../../transfer/answers-at.ts";
import { divideForStudent, type StudentDivision } from "../../transfer/divide-for-student.ts";
import { parseLabelAmount } from "../../transfer/label-amount.ts";
import { type Answers, inUnits, type LabelTask, TARGET_OF } from "../../transfer/label-task.ts";
import type { AnsweredPictures } from "../../transfer/validation-observer.ts";
import type { DistillOptions } from "../distill-options.ts";
import { pictureNotes, skippedNotes } from "../notes/picture-notes.ts";
import { openOptions } from "../picture-options.ts";
import { backgroundAsked } from "../pictures/background-asked.ts";
import { groupNearCopies } from "../pictures/group-near-copies.ts";
import { openSomeLabelled, type SomeLabelled } from "../pictures/open-some-labelled.ts";
import type { Student } from "./open-student.ts";
import type { Teacher } from "./open-teacher.ts";

export interface StudentPictures {
  dataset: PictureDataset;
  /** The pictures that train, with the targets that the method asks for. */
  training: PictureDataset;
  /** Held out, with answers; null if no picture has a label. */
  validation: AnsweredPictures | null;
  /** The data set's own test part, or the validation part; null as above. */
  tested: AnsweredPictures | null;
  counts: { training: number; labelled: number; validation: number; test: number };
  /** What trains and what is held out, as a sentence. */
  text: string;
}

interface Networks {
  teacher: Teacher;
  student: Pick<Student, "canvas">;
}

/**
 * Calls `work` with the pictures, on canvases for both networks, and adds notes about them for the user. A
 * data set that was open stays open.
 *
 * @throws AfterimageError those of opening pictures; `data/targets` for a weight of labels that there are
 * not; `usage/value` for an amount of labels that is none.
 */
export async function withStudentPictures<T>(
  options: DistillOptions & { threads: number },
  { teacher, student }: Networks,
  notes: Notes,
  work: (pictures: StudentPictures) => Promise<T>,
): Promise<T> {
  const { pictures, onProgress = () => {}, labels, labelWeight = 0, ...reading } = options;
  const amount = labels === undefined ? undefined : parseLabelAmount(labels);
  const background = backgroundAsked(options, teacher, notes);
  const laying = { canvas: student.canvas, background, onProgress };
  const opened = await openSomeLabelled(pictures, teacher.task, openOptions(reading, laying));
  const { dataset } = opened;
  try {
    notes.addAll([...pictureNotes(dataset), ...skippedNotes(dataset), ...opened.notes]);
    if (labels !== undefined && labelWeight === 0)
      notes.add(`${optionName("labels")} has no effect without ${optionName("labelWeight")}`);
    const division = await divided(opened, { ...options, amount }, teacher, notes);
    if (labelWeight > 0 && division.taught.length === 0) throw noLabels(options);
    await tellOfKnown(opened, division, teacher, notes);
    return await work(studentPictures(opened, division, teacher.task, labelWeight));
  } finally {
    if (typeof pictures === "string") await dataset.close();
  }
}

/** The same pictures are held out as for the teacher, if they are the same. */
async function divided(
  opened: SomeLabelled,
  {
    validation,
    threads,
    amount,
  }: Pick<DistillOptions, "validation"> & { threads: number } & {
    amount: ReturnType<typeof parseLabelAmount> | undefined;
  },
  { task, config }: Teacher,
  notes: Notes,
): Promise<StudentDivision> {
  const { dataset, labelled, own } = opened;
  const copies = labelled.length === 0 ? null : await groupNearCopies(dataset, own, threads);
  notes.addAll(copies?.notes ?? []);
  const division = divideForStudent({
    ...{ task, ...opened, names: dataset.names, labels: amount, groups: copies?.groups },
    ...{ seed: config.seed, share: validation ?? config.labels?.validation },
  });
  if (division.copies > 0)
    notes.add(`${division.copies} near-copies of pictures that are held out are left out`);
  return division;
}

/** Pictures that trained the teacher raise its score, and that of its student. */
async function tellOfKnown(
  { dataset }: Pick<SomeLabelled, "dataset">,
  { validation, test }: StudentDivision,
  { name }: Teacher,
  notes: Notes,
): Promise<void> {
  const known = new Set((await readPictureNames(name))?.names);
  const tested = test.length === 0 ? validation : test;
  const count = tested.filter((place) => known.has(dataset.names[place] as string)).length;
  if (count === 0) return;
  const some =
    count === 1
      ? "1 of the tested pictures has the name of one"
      : `${count} of the tested pictures have names of pictures`;
  notes.add(`${some} that trained the teacher; if they are the same, scores are too good`);
}

function studentPictures(
  { dataset, answers }: SomeLabelled,
  { training, taught, validation, test }: StudentDivision,
  task: LabelTask,
  labelWeight: number,
): StudentPictures {
  const at = (places: Int32Array): AnsweredPictures | null =>
    places.length === 0 ? null : { dataset: subset(dataset, places), answers: answersAt(answers, places) };
  const trained = subset(dataset, training);
  const learned = new Set(labelWeight === 0 ? [] : taught);
  const held = at(validation);
  const counts = {
    ...{ training: training.length, labelled: learned.size },
    ...{ validation: validation.length, test: test.length },
  };
  return {
    ...{ dataset, counts, text: textOf(counts), validation: held, tested: at(test) ?? held },
    training:
      labelWeight === 0
        ? trained
        : withTargets(trained, { rows: targetRows(answers, task, training, learned) }),
  };
}

/** The labels that may be learned; all other pictures count as pictures without any. */
function targetRows(
  answers: Answers,
  { scale }: LabelTask,
  places: Int32Array,
  learned: ReadonlySet<number>,
): Record<string, TargetColumn> {
  const own = answersAt(answers, places);
  if (own.kind === "classes") {
    const data = own.classes.map((label, row) => (learned.has(places[row] as number) ? label : -1));
    return { [TARGET_OF.classes]: { dtype: "int32", shape: [], data } };
  }
  const { data } = own.kind === "numbers" ? inUnits(own.rows, scale) : own.rows;
  const labelled = Float32Array.from(places, (place) => (learned.has(place) ? 1 : 0));
  return {
    [TARGET_OF[own.kind]]: { dtype: "float32", shape: [own.rows.cols], data },
    [LABELLED]: { dtype: "float32", shape: [], data: labelled },
  };
}

function textOf({ training, labelled, validation, test }: StudentPictures["counts"]): string {
  const parts = [
    ...(labelled > 0 ? [`${labelled} with labels that are learned`] : []),
    ...(validation > 0 ? [`${validation} are held out for validation`] : []),
    ...(test > 0 ? [`${test} test`] : []),
  ];
  return [`${training} pictures train`, ...parts].join(", ");
}

function noLabels({ pictures }: DistillOptions): AfterimageError {
  return new AfterimageError("data/targets", {
    what: "no picture has a label that could be learned",
    where: typeof pictures === "string" ? pictures : "(in memory)",
    expected: "labels that the teacher knows",
    todo: `Leave out ${optionName("labelWeight")} to learn from the teacher alone.`,
  });
}
