import { AfterimageError } from "../../errors.ts";

/** The error for a file that is no picture to learn from; `reason` says why in a few words. */
export function refusedPicture(reason: string, cause?: unknown): AfterimageError {
  return new AfterimageError("data/format", { what: reason }, { cause });
}
