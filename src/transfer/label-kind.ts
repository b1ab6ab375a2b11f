/** Recognises what written labels are: classes, several labels a picture, or numbers. */
import { isNoNumber, isWrittenNumber, type WrittenLabels, type WrittenRow } from "../data/written-labels.ts";
import { AfterimageError } from "../errors.ts";
import { optionValues } from "../options/option-name.ts";
import type { TaskKind } from "./label-task.ts";

/** Between several labels of one picture: `cat|dog`. */
export const LABEL_SEPARATOR = "|";

/** The number of names that a note shows. */
const SHOWN = 4;
/** Whole numbers with more different values than this are numbers if most pictures have one of their own. */
const MOST_WHOLE_CLASSES = 20;

export interface RecognisedKind {
  kind: TaskKind;
  /** Notes for the user on a kind that was recognised by the labels alone. */
  notes: string[];
}

/**
 * The kind of written labels:
 *
 * - names of folders are classes;
 * - several columns are numbers, or several labels if they only have 0 and 1;
 * - labels of which one has a `|` are several a picture;
 * - numbers with a decimal point are numbers; whole ones are classes, unless there are more than 20 different
 *   ones and more than half as many as pictures;
 * - all others are classes.
 *
 * @throws AfterimageError `data/targets` when only some of the labels in a list are numbers.
 */
export function recogniseKind(written: WrittenLabels): RecognisedKind {
  const { from, columns, rows } = written;
  if (from === "folders") return { kind: "classes", notes: [] };
  if (columns.length > 1) return kindOfColumns(written);
  const texts = rows.flatMap(({ cells }) => cells.filter(Boolean));
  if (texts.some((text) => text.includes(LABEL_SEPARATOR))) {
    const separated = `the labels of a picture are separated by ${LABEL_SEPARATOR}: it can have several of them`;
    return { kind: "several", notes: [separated] };
  }
  const numbers = texts.filter(isWrittenNumber);
  if (numbers.length === 0) return { kind: "classes", notes: [] };
  requireAllNumbers(written, numbers.length);
  return kindOfNumbers(numbers, columns);
}

function kindOfColumns({ columns, rows }: WrittenLabels): RecognisedKind {
  const isMark = ({ cells }: WrittenRow) => cells.every((cell) => ["0", "1", ""].includes(cell));
  if (rows.every(isMark)) {
    const marked = `the columns are labels that a picture has (1) or has not (0): ${shown(columns)}`;
    return {
      kind: "several",
      notes: [`${marked}; ${optionValues({ task: "numbers" })} predicts them as numbers`],
    };
  }
  return { kind: "numbers", notes: [`the labels are numbers: ${shown(columns)}`] };
}

function kindOfNumbers(texts: readonly string[], columns: readonly string[]): RecognisedKind {
  const values = new Set(texts.map(Number));
  const isWhole = [...values].every(Number.isInteger) && texts.every((text) => !/e/i.test(text));
  const isClasses = isWhole && (values.size <= MOST_WHOLE_CLASSES || values.size * 2 <= texts.length);
  if (isClasses) {
    const used = `the labels are whole numbers and used as ${values.size} classes`;
    return {
      kind: "classes",
      notes: [`${used}; ${optionValues({ task: "numbers" })} predicts them as numbers`],
    };
  }
  const named = columns.length === 0 ? [...new Set(texts)] : columns;
  const other = `${optionValues({ task: "classes" })} uses them as classes`;
  return { kind: "numbers", notes: [`the labels are numbers: ${shown(named)}; ${other}`] };
}

function shown(names: readonly string[]): string {
  return `${names.slice(0, SHOWN).join(", ")}${names.length > SHOWN ? ", …" : ""}`;
}

/** Numbers and names in one column: those that are fewer are taken for the mistake. */
function requireAllNumbers({ source, rows }: WrittenLabels, numbers: number): void {
  const other = rows.filter(({ cells: [text = ""] }) => !isWrittenNumber(text) && !isNoNumber(text));
  if (other.length === 0) return;
  const isOdd = ({ cells: [text = ""] }: WrittenRow) =>
    numbers < other.length ? isWrittenNumber(text) : !isWrittenNumber(text) && !isNoNumber(text);
  const first = rows.find(isOdd)!;
  const [few, many] = [Math.min(numbers, other.length), Math.max(numbers, other.length)];
  const [kind, rest] = numbers < other.length ? ["a number", "are not"] : ["not a number", "are numbers"];
  throw new AfterimageError("data/targets", {
    what: "only some of the labels are numbers",
    where: `${source}, line ${first.line}`,
    expected: "numbers on all lines, or names on all lines",
    got: `"${first.cells[0]}", which is ${kind}, while ${many} of ${few + many} labels ${rest}`,
    todo: `Correct the list, or use all labels as names of classes by ${optionValues({ task: "classes" })}.`,
  });
}
