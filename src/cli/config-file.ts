/** Choices from a JSON file: the same as the flags, by their names in camel case, and `settings` and `training`. */
import { readFile } from "node:fs/promises";
import { AfterimageError } from "../errors.ts";
import { CHOICE_NAMES, CHOICES, type Chosen } from "./choices.ts";
import { type Overrides, requireKnownKeys } from "./overrides.ts";
import { readValue, type ValueKind } from "./value-kinds.ts";

export interface FileChoices {
  chosen: Chosen;
  overrides: Overrides;
}

const RECORD: ValueKind<Record<string, unknown>> = {
  placeholder: "",
  expected: "an object of keys and values",
  fromText: (given) => given,
  accepts: (value): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value),
};

/** @throws AfterimageError `data/missing`, `data/format`, `usage/option` or `usage/value`, naming file and entry. */
export async function readConfigFile(path: string): Promise<FileChoices> {
  const { settings = {}, training = {}, ...entries } = readValue(RECORD, await readJson(path), path);
  if ("version" in entries && "data" in entries) throw isRunConfig(path);
  requireKnownKeys(entries, [...CHOICE_NAMES, "settings", "training"], path);
  const read = ([name, value]: [string, unknown]) => [
    name,
    readValue(CHOICES[name as keyof Chosen].kind as ValueKind<unknown>, value, `${path}, ${name}`),
  ];
  return {
    chosen: Object.fromEntries(Object.entries(entries).map(read)) as Chosen,
    overrides: {
      settings: readValue(RECORD, settings, `${path}, settings`),
      training: readValue(RECORD, training, `${path}, training`),
    },
  };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === "ENOENT" ? "there is no such file" : "this file cannot be read";
    throw new AfterimageError("data/missing", { what, where: `--config ${path}` }, { cause });
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const got = cause instanceof Error ? { got: cause.message } : {};
    throw new AfterimageError(
      "usage/value",
      { what: "this file is not JSON", where: path, ...got },
      { cause },
    );
  }
}

function isRunConfig(path: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "this is the record of a run, not a list of choices",
    where: `--config ${path}`,
    expected: `an object with some of ${CHOICE_NAMES.join(", ")}, settings, training`,
    todo: "To go on with that run, use --resume --out and its folder.",
  });
}
