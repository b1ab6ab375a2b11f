/** SIGINT, SIGTERM and SIGHUP, turned into an `AbortSignal` while a job can stop in good order. */
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type SignalName = (typeof SIGNALS)[number];

export interface Interruption {
  readonly signal: AbortSignal;
  /** The signal that came; null so far. */
  readonly received: SignalName | null;
  /** From now on the first signal aborts. */
  arm(): void;
  /** Gives the signals back their usual effect, which ends the process at once. */
  disarm(): void;
}

/**
 * Until `arm` is called signals have their usual effect. So it is while a graph is built or loaded, and while
 * its first step runs: the event loop is held then, no handler of ours could be reached, and there is nothing
 * yet to be kept.
 *
 * The first signal aborts and calls `onFirst`. After it the signals have their usual effect again, so that
 * the second ends the process. (One that comes within the same step as the first is seen after the step, as
 * the first is.)
 */
export function catchInterruption(onFirst: (name: SignalName) => void): Interruption {
  const controller = new AbortController();
  let [received, armed] = [null as SignalName | null, false];
  const interrupt = (name: SignalName) => {
    disarm();
    received = name;
    controller.abort();
    onFirst(name);
  };
  const disarm = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
    armed = false;
  };
  const arm = () => {
    if (armed || received !== null) return;
    for (const name of SIGNALS) process.on(name, interrupt);
    armed = true;
  };
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    arm,
    disarm,
  };
}

/** What a shell calls the end of a process by this signal. */
export function statusOf(name: SignalName): number {
  return 128 + constants.signals[name];
}
