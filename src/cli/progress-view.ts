/** The interface of everything that shows progress. */
import type { OnProgress } from "../runs/progress.ts";

export interface ProgressView {
  readonly onProgress: OnProgress;
  /** Prints a line that stays. */
  print(line: string): void;
  /** Removes everything that must not stay. */
  end(): void;
}
