/**
 * Choices from a JSON file: either the flags by their names in camel case, with `settings` and `training`, or
 * the `config.json` of a run, to repeat its configuration.
 */
import { readFile } from "node:fs/promises";
import { utf8Bytes } from "../data/node/utf8-bytes.ts";
import { AfterimageError } from "../errors.ts";
import { choicesOf } from "../jobs/choices-of.ts";
import { RECORD, readValue, type ValueKind } from "../jobs/value-kinds.ts";
import { type Decision, parseRunConfig, type RunConfig } from "../train/run-config.ts";
import { courseOf, paceDecisions } from "../train/run-course.ts";
import { CHOICE_NAMES, CHOICES, type Chosen } from "./choices.ts";
import { type Overrides, requireKnownKeys } from "./overrides.ts";

export interface FileChoices {
  chosen: Chosen;
  overrides: Overrides;
  /** What the run that is repeated decided about its epochs. */
  repeats?: readonly Decision[];
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
  "that run's settings changed during training (see history in its config.json); this repeats the last ones";

/** The choices of a run, given or default; the command line names the pictures. */
function choicesOfRun(config: RunConfig): FileChoices {
  const { method, backbone, backboneOptions, settings, training } = choicesOf(config);
  const { widthMultiplier: width, ...options } = backboneOptions;
  // The epochs that came of the minutes are repeated, and not the time.
  const {
    method: _,
    backbone: __,
    minutes: ___,
    ...plain
  } = { ...config, epochs: courseOf(config).scheduledEpochs };
  // If it were kept, it would have to divide any other batch size that is given.
  const isWhole = config.microBatch === config.batchSize;
  const named = Object.entries({ ...plain, ...config.environment }).filter(
    ([name]) => CHOICE_NAMES.includes(name as keyof Chosen) && !(name === "microBatch" && isWhole),
  );
  const chosen = { ...Object.fromEntries(named), method, backbone, ...options };
  const repeats = paceDecisions(config);
  const changed = (config.history ?? []).some(({ because }) => because === undefined);
  return {
    chosen: width === undefined ? chosen : { ...chosen, width },
    overrides: { settings, training },
    ...(repeats.length > 0 && { repeats }),
    notes: changed ? [CHANGED_ON_THE_WAY] : [],
  };
}
