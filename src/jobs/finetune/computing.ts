import type { OnProgress } from "../../runs/progress.ts";

/** What the trainings of a job compute with, and how they tell of it. */
export interface Computing {
  threads: number;
  provider: string;
  memory: number;
  onProgress: OnProgress;
  signal?: AbortSignal | undefined;
}
