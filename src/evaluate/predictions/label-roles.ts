import { AfterimageError } from "../../errors.ts";
import { requireCount } from "../checks.ts";

/** Labels that are not scored, which may be classes or, as 255 often is, beyond them. */
export interface LabelOptions {
  /** C: classes are 0 … C - 1. */
  classes: number;
  /** Labels of which nothing is counted. None by default. */
  ignored?: readonly number[];
}

/** A label whose places are not counted, in the table of roles. */
export const IGNORED = -1;
const UNKNOWN = -2;

/** For each label its class, {@link IGNORED}, or -2 if it is neither. Larger labels are not in it. */
export function labelRoles({ classes, ignored = [] }: LabelOptions): Int32Array {
  requireCount("the number of classes", classes, 1);
  for (const label of ignored) requireCount("an ignored label", label, 0);
  const roles = new Int32Array(Math.max(classes, ...ignored.map((label) => label + 1)));
  for (const label of roles.keys()) roles[label] = label < classes ? label : UNKNOWN;
  for (const label of ignored) roles[label] = IGNORED;
  return roles;
}

/** The error of a label, or of a prediction, that is no class. */
export function noClass(
  what: "label" | "prediction",
  got: number,
  at: number,
  options: LabelOptions,
): AfterimageError {
  const { classes, ignored = [] } = options;
  const orIgnored = what === "label" && ignored.length > 0 ? `, or one of ${ignored.join(", ")}` : "";
  return new AfterimageError("evaluate/labels", {
    what: `a ${what} is no class`,
    where: `place ${at}`,
    expected: `an integer from 0 to ${classes - 1}${orIgnored}`,
    got: `${got}`,
  });
}

/** The error of labels and predictions that differ in number. */
export function unequalNumbers(labels: number, predictions: number): AfterimageError {
  return new AfterimageError("evaluate/labels", {
    what: "the predictions do not match the labels",
    expected: `${labels} of them, one a label`,
    got: `${predictions}`,
  });
}
