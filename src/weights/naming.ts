/** A table of names: how the tensors of one family of files are called here. */
import { AfterimageError } from "../errors.ts";

/** A tensor of theirs that is a part of one of ours, row by row: queries are rows 1 of 3 of `qkv`. */
export type Rows = "rows 1 of 2" | "rows 2 of 2" | "rows 1 of 3" | "rows 2 of 3" | "rows 3 of 3";

/**
 * Their name and ours. `{i}` and `{j}` stand for numbers, `{p}` for a layer's weight, bias or statistics, and
 * `*` for anything.
 */
export type NameRule = readonly [theirs: string, ours: string, rows?: Rows];

/** Their name, and why the tensor is left out. */
export type LeftOutRule = readonly [theirs: string, why: string];

export interface Naming {
  /** Whose names these are. */
  readonly whose: string;
  readonly network: "vit" | "resnet";
  /**
   * A tensor that all of these networks have, and others have not. Whatever is before it is the prefix of
   * all.
   */
  readonly anchor: string;
  /** Parts of names that are changed before they are looked up. */
  readonly rewrite?: readonly (readonly [part: RegExp, by: string])[];
  /** Tensors whose name is the same here: the beginnings of their names. */
  readonly same?: readonly string[];
  readonly rules: readonly NameRule[];
  readonly leftOut: readonly LeftOutRule[];
}

/** What a table says of a name. */
export type Renamed =
  | { readonly kind: "taken"; readonly name: string; readonly part: number; readonly parts: number }
  | { readonly kind: "left out"; readonly why: string };

/**
 * @param name without the prefix.
 * @returns null for a name that is not in the table.
 */
export function rename(naming: Naming, name: string): Renamed | null {
  const plain = (naming.rewrite ?? []).reduce((text, [part, by]) => text.replace(part, by), name);
  for (const [theirs, why] of naming.leftOut)
    if (match(theirs, plain) !== null) return { kind: "left out", why };
  for (const [theirs, ours, rows] of naming.rules) {
    const found = match(theirs, plain);
    if (found !== null) return { kind: "taken", name: fill(ours, found), ...partOf(rows) };
  }
  if (naming.same?.some((start) => plain.startsWith(start)) === true)
    return { kind: "taken", name: plain, part: 0, parts: 1 };
  return null;
}

function partOf(rows: Rows | undefined): { part: number; parts: number } {
  if (rows === undefined) return { part: 0, parts: 1 };
  const [, which, parts] = /rows (\d) of (\d)/.exec(rows)!;
  return { part: Number(which) - 1, parts: Number(parts) };
}

const compiled = new Map<string, RegExp>();

/** What the placeholders of a pattern stand for in a name; null if it does not fit. */
function match(pattern: string, name: string): Record<string, string> | null {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = compile(pattern);
    compiled.set(pattern, expression);
  }
  const found = expression.exec(name);
  return found === null ? null : { ...found.groups };
}

function compile(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.\\^$+?()[\]|]/g, "\\$&");
  const numbers = escaped.replaceAll(/\{([ij])\}/g, "(?<$1>\\d{1,4})");
  return new RegExp(
    `^${numbers.replaceAll("{p}", "(?<p>weight|bias|running_mean|running_var)").replaceAll("*", ".*")}$`,
  );
}

function fill(ours: string, found: Readonly<Record<string, string>>): string {
  return ours.replaceAll(/\{(\w)\}/g, (_, letter: string) => {
    const value = found[letter];
    if (value !== undefined) return value;
    throw new AfterimageError("data/format", { what: "a table of names is wrong", where: ours, got: letter });
  });
}
