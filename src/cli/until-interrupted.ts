/** Runs a training until its end or a signal. */
import type { OnProgress, Progress } from "../runs/progress.ts";
import { catchInterruption, type Interruption, type SignalName } from "./interruption.ts";
import type { ProgressView } from "./progress-view.ts";

export interface Trained<R> {
  /** Null when stopped before there was a run. */
  result: R | null;
  /** The signal by which it was stopped. */
  received: SignalName | null;
}

/** The options of a job that a signal stops. */
export interface Stoppable {
  signal: AbortSignal;
  onProgress: OnProgress;
}

/** @param job trains, and says in its result whether it was interrupted. */
export async function untilInterrupted<R extends { interrupted: boolean }>(
  { onProgress, print }: Pick<ProgressView, "onProgress" | "print">,
  job: (options: Stoppable) => Promise<R>,
): Promise<Trained<R>> {
  const interruption = catchInterruption((name) => print(`${name}: ${STOPPING}`));
  const { signal } = interruption;
  try {
    const tell: OnProgress = (event) => {
      armFor(event, interruption);
      onProgress(event);
    };
    const result = await job({ signal, onProgress: tell });
    return { result, received: result.interrupted ? interruption.received : null };
  } catch (error) {
    if (signal.aborted && error === signal.reason) return { result: null, received: interruption.received };
    throw error;
  } finally {
    interruption.disarm();
  }
}

const STOPPING = "stopping after the current step, whose result is kept; a second signal stops at once";

/**
 * Signals abort the job while pictures are read, and from the first step on. In between they end the process.
 */
function armFor(event: Progress, { arm, disarm }: Interruption): void {
  if (event.type === "note" || event.type === "plan") return;
  if (event.type === "cache" && event.done >= event.total) disarm();
  else arm();
}
