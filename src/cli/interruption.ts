/** SIGINT and SIGTERM, turned into an `AbortSignal` for a job that can stop in good order. */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Restores the usual effect of the signals. */
  dispose(): void;
}

/**
 * From now on the first signal aborts and calls `onFirst`. After it the signals have their usual effect again, so that
 * the second ends the process at once, even in the middle of a step, when no handler of ours could be reached.
 */
export function catchInterruption(onFirst: (name: string) => void): Interruption {
  const controller = new AbortController();
  const dispose = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  const interrupt = (name: string) => {
    dispose();
    controller.abort();
    onFirst(name);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return { signal: controller.signal, dispose };
}
