import { type BytePath, trimPath } from "./byte-path.ts";

/** A line of a list, cut into its fields. A field is bytes, one character each, as in a {@link BytePath}. */
export interface ListRow {
  /** The first line of the row in its file, from 1. */
  line: number;
  fields: BytePath[];
}

interface Field {
  text: string;
  /** The place of the next field. */
  next: number;
  endsRow: boolean;
}

/**
 * Cuts a text into rows of fields by RFC 4180, with any delimiter: a field in double quotes may hold
 * delimiters, line ends and doubled quotes. A quote that is not closed before a delimiter or a line end is
 * part of a name. So is a quote in the middle of a field. Rows without any text are left out.
 *
 * @param delimiter one character, or null for one field a line.
 */
export function listRows(text: string, delimiter: string | null): ListRow[] {
  const rows: ListRow[] = [];
  let [line, lines] = [1, 1];
  let fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const field = quotedField(text, at, delimiter) ?? plainField(text, at, delimiter);
    fields.push(field.text);
    lines += text.slice(at, field.next).split("\n").length - 1;
    at = field.next;
    if (!field.endsRow) continue;
    if (fields.some((one) => trimPath(one) !== "")) rows.push({ line, fields: fields as BytePath[] });
    [line, fields] = [lines, []];
  }
  return rows;
}

function plainField(text: string, at: number, delimiter: string | null): Field {
  const newline = text.indexOf("\n", at);
  const stop = newline < 0 ? text.length : newline;
  const line = text.slice(at, stop);
  const cut = delimiter === null ? -1 : line.indexOf(delimiter);
  if (cut >= 0) return { text: line.slice(0, cut), next: at + cut + 1, endsRow: false };
  return { text: newline < 0 ? line : line.replace(/\r$/, ""), next: stop + 1, endsRow: true };
}

function quotedField(text: string, at: number, delimiter: string | null): Field | null {
  if (text[at] !== '"') return null;
  const close = closingQuote(text, at + 1);
  if (close < 0) return null;
  const rest = plainField(text, close + 1, delimiter);
  return rest.text === "" ? { ...rest, text: text.slice(at + 1, close).replaceAll('""', '"') } : null;
}

/** The first quote that is not doubled. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}
