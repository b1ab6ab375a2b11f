import { durationText } from "./minutes-text.ts";
import type { OnProgress } from "./progress.ts";

/**
 * Steps and seconds after which a session says how long it will take. The first steps are not representative.
 */
const STEPS = 4;
const SECONDS = 4;

/** Says once in a session how long it will take, judged by its own steps. */
export class SessionDuration {
  readonly #onProgress: OnProgress;
  readonly #began = performance.now();
  #steps = 0;
  #isSaid = false;

  constructor(onProgress: OnProgress) {
    this.#onProgress = onProgress;
  }

  /** Call this after every step, with the time that the rest takes at the present pace. */
  afterStep(secondsLeft: number): void {
    this.#steps += 1;
    const seconds = (performance.now() - this.#began) / 1000;
    if (this.#isSaid || this.#steps < STEPS || seconds < SECONDS) return;
    this.#isSaid = true;
    this.#onProgress({ type: "plan", message: durationText(secondsLeft + seconds) });
  }
}
