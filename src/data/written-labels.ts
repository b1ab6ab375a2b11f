/** Labels as they are written, before they are read as classes or numbers. */

/**
 * The columns of a list that hold labels: the one named as such, the only candidates, or those of given
 * names.
 */
export type LabelColumns = "named" | "any" | readonly string[];

export interface WrittenLabels {
  /** Whether the folders of pictures are the labels, or a list has them. */
  readonly from: "folders" | "list";
  /** The folder or list. */
  readonly source: string;
  /** Names of the columns of a list with a header line; empty for other lists and for folders. */
  readonly columns: readonly string[];
  /** One row for each picture. */
  readonly rows: readonly WrittenRow[];
}

export interface WrittenRow {
  /** The line of the list; null for folders. */
  readonly line: number | null;
  /** What the columns say of the picture, without blanks around it; "" where they say nothing. */
  readonly cells: readonly string[];
}

/** A number as it is written in a list: 3, -0.5, .5, 1e-3. */
export function isWrittenNumber(text: string): boolean {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text);
}

/** Whether a text stands for a missing number: an empty text, or one that tables of other programs use. */
export function isNoNumber(text: string): boolean {
  return /^(?:nan|n\/?a|null|none)?$/i.test(text);
}
