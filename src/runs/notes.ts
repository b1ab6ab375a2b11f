import type { OnProgress } from "./progress.ts";

/** Notes on a job for its user, in addition to its result: shown as they come, and kept for the result. */
export class Notes {
  readonly list: string[] = [];
  readonly #onProgress: OnProgress;

  constructor(onProgress: OnProgress = () => {}) {
    this.#onProgress = onProgress;
  }

  readonly add = (message: string): void => {
    this.list.push(message);
    this.#onProgress({ type: "note", message });
  };

  addAll(messages: readonly string[]): void {
    for (const message of messages) this.add(message);
  }
}
