import { extname } from "node:path";
import type { BytePath } from "./byte-path.ts";
import { type ListRow, listRows } from "./list-rows.ts";

/** The number of lines that are read to find out the form of a list. */
const SAMPLE = 20;
const SAMPLE_BYTES = 2 ** 16;

/**
 * The form of a list, by the separator of its fields: `lines` if there is one field to a line, `blank` if the
 * last blank of a line separates.
 */
export type ListForm = "tab" | "comma" | "semicolon" | "blank" | "lines";

const DELIMITERS = { tab: "\t", comma: ",", semicolon: ";" } as const;

/**
 * Finds out the form of a list: tabs if its first line has one; for a .csv file, commas or semicolons,
 * whichever its first line has more of; for other lists, the form that yields paths of existing files
 * (`a.jpg 3`, as in the lists of ImageNet and Caffe).
 *
 * @param isFile whether a field, as written in the list, is the path of a file.
 */
export function listForm(text: string, file: string, isFile: (path: BytePath) => boolean): ListForm {
  const start = text.slice(0, SAMPLE_BYTES);
  const lines = listRows(start, null).slice(0, SAMPLE);
  const first = /[^\r\n]+/.exec(start.replaceAll(/"[^"]*"/g, ""))?.[0] ?? "";
  if (first.includes("\t")) return "tab";
  if (extname(file).toLowerCase() === ".csv") return mostFrequent(first);
  if (lines.some(({ fields }) => isFile(fields[0]!))) return "lines";
  const forms = ["comma", "semicolon", "blank"] as const;
  const found = forms.map(
    (form) => lines.filter(({ fields }) => fieldsOf(fields[0]!, form).some(isFile)).length,
  );
  const most = Math.max(...found);
  return most === 0 ? "lines" : forms[found.indexOf(most)]!;
}

/** The rows of a list in a given form. */
export function rowsInForm(text: string, form: ListForm): ListRow[] {
  if (form !== "blank") return listRows(text, form === "lines" ? null : DELIMITERS[form]);
  return listRows(text, null).map(({ line, fields }) => ({ line, fields: splitAtLastBlank(fields[0]!) }));
}

function fieldsOf(line: string, form: ListForm): BytePath[] {
  return rowsInForm(line, form)[0]?.fields ?? [];
}

function splitAtLastBlank(line: string): BytePath[] {
  const found = /^(.*[^ ]) +([^ ]+) *$/.exec(line);
  return (found === null ? [line] : [found[1], found[2]]) as BytePath[];
}

function mostFrequent(line: string): ListForm {
  const [commas, semicolons] = [line.split(",").length, line.split(";").length];
  if (commas === 1 && semicolons === 1) return "lines";
  return semicolons > commas ? "semicolon" : "comma";
}
