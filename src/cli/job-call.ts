import type { OnProgress } from "../runs/progress.ts";
import type { WriteMessage } from "./in-flags.ts";
import { type OutputOptions, printNotes, printOutcome } from "./output.ts";
import type { ProgressView } from "./progress-view.ts";
import { withProgress } from "./show-progress.ts";

/** A result, with notes for the user. */
interface Noted {
  notes: readonly string[];
}

/**
 * A call of a command: passes the options to its job, and shows the user the answer, in which options are
 * flags.
 */
export class JobCall<Options> {
  readonly options: Options;
  /** All of commander's values, for flags that are not options of the job. */
  readonly values: OutputOptions & Readonly<Record<string, unknown>>;
  readonly #write: WriteMessage;

  constructor(options: Options, values: OutputOptions & Record<string, unknown>, write: WriteMessage) {
    this.options = options;
    this.values = values;
    this.#write = write;
  }

  /** Shows the progress of `job` while it runs. */
  withProgress<T>(job: (view: ProgressView) => Promise<T>): Promise<T> {
    return withProgress(this.values, ({ onProgress: show, ...view }) => {
      const onProgress: OnProgress = (event) =>
        show("message" in event ? { ...event, message: this.#write(event.message) } : event);
      return job({ ...view, onProgress });
    });
  }

  /** Prints notes of a job that reports no progress. */
  printNotes(notes: readonly string[]): void {
    printNotes(notes.map(this.#write));
  }

  /** Prints the result for people, or with `--json` for programs. */
  print(result: Noted, text: string): void {
    printOutcome(this.inFlags(result), text, this.values);
  }

  /** The result with its notes in the command line's words. */
  inFlags<T extends Noted>(result: T): T {
    return { ...result, notes: result.notes.map(this.#write) };
  }
}
