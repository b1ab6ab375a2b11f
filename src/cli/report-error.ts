/** Reports an error: a sentence for a user's mistake or a failure, a stack for a bug. */
import { CommanderError } from "commander";
import { AfterimageError } from "../errors.ts";
import { EXIT } from "./exit-status.ts";
import { knownElsewhere } from "./known-elsewhere.ts";
import { describeError, printData, printMessage } from "./output.ts";
import { shellWords } from "./shell-words.ts";
import { visibleLine } from "./visible-text.ts";

export interface Call {
  words: readonly string[];
  /** Names of all commands. */
  commands: readonly string[];
}

/** Prints the error, with `--json` on standard output too, and returns the exit status. */
export function reportError(error: unknown, call: Call): number {
  const known = toKnownError(error, call);
  if (call.words.includes("--json")) printData({ error: describeError(known) });
  if (known instanceof AfterimageError) {
    printMessage(`afterimage: ${visibleLine(known.message)}`);
    for (const line of known.evidence.details ?? []) printMessage(`  ${visibleLine(line)}`);
    return known.isUsage ? EXIT.wrongUsage : EXIT.failed;
  }
  const stack = known instanceof Error ? known.stack : String(known);
  const command = shellWords(["afterimage", ...call.words]);
  printMessage(
    `${stack}\n\nThis is a bug in Afterimage. Please report it with the lines above and the command: ${command}`,
  );
  return EXIT.failed;
}

function toKnownError(error: unknown, call: Call): unknown {
  if (error instanceof CommanderError) return fromCommander(error, call);
  return isSystemError(error) ? fromSystem(error) : error;
}

/** Commander's "error: unknown option '--epoch'\n(Did you mean --epochs?)" as an error of ours. */
function fromCommander({ code, message }: CommanderError, call: Call): AfterimageError {
  if (code === "commander.help") return usage("usage/missing", "no command is given", call);
  const [what, hint] = message.replace(/^error: /, "").split(/\n\(|\)$/);
  const kind = code.includes("missing")
    ? "usage/missing"
    : code.includes("nvalid")
      ? "usage/value"
      : "usage/option";
  return usage(kind, what!.replace(/\.$/, ""), call, hint);
}

function usage(
  code: "usage/missing" | "usage/value" | "usage/option",
  what: string,
  { words, commands }: Call,
  hint?: string,
): AfterimageError {
  const command = words.find((word) => commands.includes(word));
  const help = shellWords(["afterimage", ...(command === undefined ? [] : [command]), "--help"]);
  const meant = knownElsewhere(command, /^unknown option '(--[\w-]+)/.exec(what)?.[1] ?? "");
  const todo = meant === undefined ? hint : `Did you mean ${meant}?`;
  return new AfterimageError(code, { what, todo: todo || `See ${help}.` });
}

interface SystemError extends Error {
  code: string;
  syscall: string;
  path?: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** A refusal by the operating system: no bug, so a stack would not help. */
function fromSystem(error: SystemError): AfterimageError {
  const reasons: Record<string, string> = {
    ENOSPC: "the disk is full",
    EACCES: "access is not permitted",
    EPERM: "access is not permitted",
    EROFS: "this file system is read-only",
    EISDIR: "this is a folder, but a file is needed",
    ENOTDIR: "this is a file, but a folder is needed",
    EMFILE: "too many files are open",
  };
  const isReading = /^(read|scandir|opendir|stat|lstat)/.test(error.syscall);
  return new AfterimageError(
    isReading ? "data/unreadable" : "export/write",
    {
      what: reasons[error.code] ?? error.message,
      ...(error.path === undefined ? {} : { where: error.path }),
    },
    { cause: error },
  );
}
