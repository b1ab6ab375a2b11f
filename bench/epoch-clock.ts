/** The parts of an epoch's time: the runtime's, and the rest. */
import type { Progress } from "afterimage";
import { InferenceSession } from "onnxruntime-node";

/** Milliseconds of one epoch, from the end of the one before. */
export interface EpochTimes {
  steps: number;
  ms: number;
  /** In the runtime, from each call of `run` to its results, until the end of the last step. */
  runMs: number;
  /** Before the first call. */
  beginMs: number;
  /** After the last step: metrics, checkpoint, and kNN and health if they are due. */
  endMs: number;
}

type Run = (...args: unknown[]) => Promise<unknown>;

/** Listens to a run. After its construction, every session of this process is timed. */
export class EpochClock {
  readonly epochs: EpochTimes[] = [];
  #from = performance.now();
  #firstRun: number | null = null;
  #runMs = 0;
  /** The counts after the newest step. */
  #last = { steps: 0, runMs: 0, at: 0 };

  constructor() {
    const { create } = InferenceSession;
    const createTimed = async (...args: Parameters<typeof create>): Promise<InferenceSession> => {
      const session = await create.apply(InferenceSession, args);
      return Object.assign(session, { run: this.#timed(session.run.bind(session) as Run) });
    };
    Object.assign(InferenceSession, { create: createTimed });
  }

  readonly onProgress = (event: Progress): void => {
    const at = performance.now();
    if (event.type === "step") this.#last = { steps: event.stepInEpoch, runMs: this.#runMs, at };
    if (event.type === "epoch") this.#endEpoch(at);
  };

  #timed(run: Run): Run {
    return async (...args) => {
      const start = performance.now();
      this.#firstRun ??= start;
      try {
        return await run(...args);
      } finally {
        this.#runMs += performance.now() - start;
      }
    };
  }

  #endEpoch(at: number): void {
    const { steps, runMs, at: lastStep } = this.#last;
    const beginMs = this.#firstRun! - this.#from;
    this.epochs.push({ steps, runMs, ms: at - this.#from, beginMs, endMs: at - lastStep });
    this.#from = at;
    this.#firstRun = null;
    this.#runMs = 0;
  }
}
