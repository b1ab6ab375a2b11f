/** Options that several commands take. */
import { type Command, Option } from "commander";
import { CHOICES } from "./choices.ts";
import { valueOption } from "./value-option.ts";

export function threadsOption(): Option {
  const { kind, help, fallback } = CHOICES.threads;
  return valueOption("--threads", kind, help, fallback);
}

/** `--background` of commands that take a run. */
export function backgroundOption(): Option {
  const { kind, help } = CHOICES.background;
  return valueOption("--background", kind, help, "as in the run");
}

/** `--all-files`, which has no value. */
export function allFilesOption(): Option {
  const { help, fallback } = CHOICES.allFiles;
  return new Option("--all-files", `${help} (default: ${fallback})`);
}

export function verifyOption(): Option {
  return new Option("--verify", "read every file again, and update the cache where it differs");
}

/** How commands other than pretrain find and read pictures. */
export function addPictureOptions(command: Command, split: { help: string; fallback: string }): Command {
  const { kind, help, fallback } = CHOICES.cacheDir;
  return command
    .addOption(valueOption("--split", CHOICES.split.kind, split.help, split.fallback))
    .addOption(allFilesOption())
    .addOption(backgroundOption())
    .addOption(verifyOption())
    .addOption(valueOption("--cache-dir", kind, help, fallback));
}
