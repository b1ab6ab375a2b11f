import { AfterimageError } from "../../errors.ts";

const REASONS: Record<string, string> = {
  ENOENT: "not found",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "a folder, not a file",
  ENOTDIR: "not a folder",
  ELOOP: "a loop of links",
  ENAMETOOLONG: "the path is too long for this system",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the disk is read-only",
  EMFILE: "too many open files",
  EIO: "the disk reports an error",
  ESTALE: "the file is no longer on its server",
  ERR_INVALID_ARG_VALUE: "not a valid path",
};

/** The system's error code ("ENOENT"), or an empty string for anything else. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** The file system's reason for refusing, in a few words. */
export function fsReason(error: unknown): string {
  const code = errorCode(error);
  return REASONS[code] ?? (code || String(error));
}

/**
 * The error for a path given by the user that cannot be read: `data/missing` if nothing is there, otherwise
 * `data/unreadable`.
 */
export function cannotRead(what: string, where: string, cause: unknown): AfterimageError {
  const missing = errorCode(cause) === "ENOENT";
  return new AfterimageError(
    missing ? "data/missing" : "data/unreadable",
    {
      what: `${what} cannot be read`,
      where,
      got: fsReason(cause),
      ...(missing && { todo: "Check the path." }),
    },
    { cause },
  );
}
