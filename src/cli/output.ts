/**
 * The only place of the command line that writes: results to standard output, everything else to standard
 * error.
 */
import { AfterimageError, type ErrorEvidence } from "../errors.ts";
import { visibleLine, visibleText } from "./visible-text.ts";

/** It is no error if a reader ends early (`afterimage methods | head -1`) or a terminal is closed. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    });
  }
}

/** Text for people. Control characters in names are shown, so that they have no effect on the terminal. */
export function printResult(text: string): void {
  process.stdout.write(`${visibleText(text)}\n`);
}

/** Data for programs, exact, on one line. */
export function printData(data: object): void {
  process.stdout.write(`${JSON.stringify(data)}\n`);
}

export function printMessage(text: string): void {
  process.stderr.write(`${visibleText(text)}\n`);
}

/** Notes for the user, one a line. */
export function printNotes(notes: readonly string[]): void {
  for (const note of notes) printMessage(`note: ${visibleLine(note)}`);
}

/** Output options of every command. */
export interface OutputOptions {
  json?: boolean;
  quiet?: boolean;
}

/** The result for people, or with `--json` for programs: one object on the last line. */
export function printOutcome(result: object, text: string, { json = false }: OutputOptions): void {
  if (json) printData(result);
  else printResult(text);
}

/** An error as data, with code and evidence if there are any. */
export interface ErrorReport extends Partial<ErrorEvidence> {
  code: string;
  message: string;
}

export function describeError(error: unknown): ErrorReport {
  if (error instanceof AfterimageError)
    return { code: error.code, message: error.message, ...error.evidence };
  return { code: "bug", message: error instanceof Error ? error.message : String(error) };
}
