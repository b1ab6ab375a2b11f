/** Options that several commands take. */
import type { Option } from "commander";
import { CHOICES } from "./choices.ts";
import { valueOption } from "./value-option.ts";

export function threadsOption(): Option {
  const { kind, help, fallback } = CHOICES.threads;
  return valueOption("--threads", kind, help, fallback);
}

export function backgroundOption(): Option {
  const { kind, help } = CHOICES.background;
  return valueOption("--background", kind, help, "as in the run");
}

export function cacheDirOption(): Option {
  const { kind, help, fallback } = CHOICES.cacheDir;
  return valueOption("--cache-dir", kind, help, fallback);
}
