/** How progress is shown, whatever shows it. */
import type { OnProgress } from "../jobs/progress.ts";

export interface ProgressView {
  readonly onProgress: OnProgress;
  /** A line of its own that stays. */
  print(line: string): void;
  /** Takes away what must not stay. */
  end(): void;
}
