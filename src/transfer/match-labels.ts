/** The labels of pictures in the outputs of a network that knows labels already. */
import type { Matrix } from "../formats/matrix.ts";
import { answersAt } from "./answers-at.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import type { ReadLabels } from "./read-labels.ts";

export interface MatchedLabels {
  /** Of the pictures at `labelled`, in that order. */
  answers: Answers;
  /** Places of the pictures whose labels the network knows, ascending. */
  labelled: Int32Array;
  /** Notes for the user, a sentence each. */
  notes: string[];
}

/**
 * The labels as outputs of the task, by their names.
 *
 * - `classes`: a picture of a class that the task does not have counts as one without a label.
 * - `several`: a label that no picture has is absent in all of them.
 * - `numbers`: the same columns in any order, or one column on both sides.
 *
 * Labels of another kind, and rows with a name that the task does not have, are not used, and a note says so.
 */
export function matchLabels(read: ReadLabels, task: LabelTask): MatchedLabels {
  const { answers, names } = read;
  if (answers.kind !== task.kind) return none(task, `the labels of the pictures are ${answers.kind}`);
  if (answers.kind === "classes") return matchClasses(read, answers.classes, task);
  const isSingle = task.kind === "numbers" && names.length === 1 && task.names.length === 1;
  const columns = isSingle ? [0] : task.names.map((name) => names.indexOf(name));
  const unknown = isSingle ? [] : names.filter((name) => !task.names.includes(name));
  if (unknown.length > 0) return none(task, `the labels of the pictures include ${shown(unknown)}`);
  if (task.kind === "numbers" && columns.includes(-1))
    return none(
      task,
      `the pictures have no numbers ${shown(task.names.filter((_, at) => columns[at] === -1))}`,
    );
  const rows = columnsOf(answers.rows, columns);
  return { answers: { kind: answers.kind, rows }, labelled: read.labelled, notes: read.notes };
}

function matchClasses(
  { names, labelled, notes }: ReadLabels,
  classes: Int32Array,
  task: LabelTask,
): MatchedLabels {
  const outputs = names.map((name) => task.names.indexOf(name));
  const own = classes.map((label) => outputs[label] as number);
  const known = Int32Array.from(own.keys()).filter((row) => (own[row] as number) >= 0);
  const unknown = names.filter((_, label) => outputs[label] === -1 && classes.includes(label));
  if (known.length === 0) return none(task, `the classes of the pictures are ${shown(unknown)}`);
  const left = classes.length - known.length;
  const unmatched = `${left === 1 ? "1 picture has a class" : `${left} pictures have classes`} that the teacher does not know, and ${left === 1 ? "counts" : "count"} as unlabelled: ${shown(unknown)}`;
  return {
    answers: answersAt({ kind: "classes", classes: own }, known),
    labelled: known.map((row) => labelled[row] as number),
    notes: left === 0 ? notes : [...notes, unmatched],
  };
}

/** Columns of a matrix; zeros where a place is -1. */
function columnsOf({ rows, cols, data }: Matrix, places: readonly number[]): Matrix {
  const width = places.length;
  const picked = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (const [at, place] of places.entries())
      if (place >= 0) picked[row * width + at] = data[row * cols + place] as number;
  return { rows, cols: width, data: picked };
}

function none({ kind, names }: LabelTask, why: string): MatchedLabels {
  return {
    answers: emptyAnswers({ kind, names }),
    labelled: new Int32Array(0),
    notes: [
      `the labels of the pictures are not used: ${why}, and the teacher knows the ${kind} ${shown(names)}`,
    ],
  };
}

/** The answers for no picture. */
export function emptyAnswers({ kind, names }: Pick<LabelTask, "kind" | "names">): Answers {
  if (kind === "classes") return { kind, classes: new Int32Array(0) };
  return { kind, rows: { rows: 0, cols: names.length, data: new Float32Array(0) } };
}

const SHOWN = 4;

function shown(names: readonly string[]): string {
  return `${names.slice(0, SHOWN).join(", ")}${names.length > SHOWN ? ", …" : ""}`;
}

/**
 * Answers for all pictures from those of some. A picture without any has the class -1, or a row of zeros.
 *
 * @param places of the answers, ascending.
 * @param size the number of all pictures.
 */
export function spreadAnswers(answers: Answers, places: Int32Array, size: number): Answers {
  if (answers.kind === "classes") {
    const classes = new Int32Array(size).fill(-1);
    for (const [row, place] of places.entries()) classes[place] = answers.classes[row] as number;
    return { kind: "classes", classes };
  }
  const { cols, data } = answers.rows;
  const all = new Float32Array(size * cols);
  for (const [row, place] of places.entries())
    all.set(data.subarray(row * cols, (row + 1) * cols), place * cols);
  return { kind: answers.kind, rows: { rows: size, cols, data: all } };
}
