import { pickRows } from "../evaluate/pick-rows.ts";
import type { Answers } from "./label-task.ts";

/** The answers for the pictures at some places, in that order. */
export function answersAt(answers: Answers, places: Int32Array): Answers {
  if (answers.kind === "classes")
    return { kind: "classes", classes: places.map((place) => answers.classes[place] as number) };
  return { kind: answers.kind, rows: pickRows(answers.rows, places) };
}
