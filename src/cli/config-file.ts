/**
 * Choices from a JSON file: the same as the flags, by their names in camel case, and `settings` and `training`; or the
 * `config.json` of a run, whose configuration is repeated.
 */
import { readFile } from "node:fs/promises";
import { utf8Bytes } from "../data/node/utf8-bytes.ts";
import { AfterimageError } from "../errors.ts";
import { choicesOf } from "../jobs/choices-of.ts";
import { RECORD, readValue, type ValueKind } from "../jobs/value-kinds.ts";
import { parseRunConfig, type RunConfig } from "../train/run-config.ts";
import { CHOICE_NAMES, CHOICES, type Chosen } from "./choices.ts";
import { type Overrides, requireKnownKeys } from "./overrides.ts";

export interface FileChoices {
  chosen: Chosen;
  overrides: Overrides;
  notes: string[];
}

/** @throws AfterimageError `data/missing`, `data/format`, `usage/option` or `usage/value`, naming file and entry. */
export async function readConfigFile(path: string): Promise<FileChoices> {
  const given = readValue(RECORD, await readJson(path), path);
  if ("version" in given && "data" in given) return choicesOfRun(parseRunConfig(given, path));
  const { settings = {}, training = {}, ...entries } = given;
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
    notes: [],
  };
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === "ENOENT" ? "there is no such file" : "this file cannot be read";
    throw new AfterimageError("data/missing", { what, where: `--config ${path}` }, { cause });
  });
  try {
    return JSON.parse(utf8Bytes(bytes).toString("utf8")) as unknown;
  } catch (cause) {
    const got = cause instanceof Error ? { got: cause.message } : {};
    throw new AfterimageError(
      "usage/value",
      { what: "this file is not JSON", where: path, ...got },
      { cause },
    );
  }
}

const CHANGED_ON_THE_WAY =
  "that run was changed while it was trained (history in its config.json): repeated are its last settings";

/** What a run was told, or decided for itself; the pictures are named on the command line. */
function choicesOfRun(config: RunConfig): FileChoices {
  const { method, backbone, backboneOptions, settings, training } = choicesOf(config);
  const { widthMultiplier: width, ...options } = backboneOptions;
  const { method: _, backbone: __, ...plain } = config;
  // Said, it would have to divide whatever other batch size is asked for.
  const isWhole = config.microBatch === config.batchSize;
  const named = Object.entries({ ...plain, ...config.environment }).filter(
    ([name]) => CHOICE_NAMES.includes(name as keyof Chosen) && !(name === "microBatch" && isWhole),
  );
  const chosen = { ...Object.fromEntries(named), method, backbone, ...options };
  const changed = (config.history ?? []).some(({ changes }) => changes.length > 0);
  return {
    chosen: width === undefined ? chosen : { ...chosen, width },
    overrides: { settings, training },
    notes: changed ? [CHANGED_ON_THE_WAY] : [],
  };
}
