/** Turns SIGINT, SIGTERM and SIGHUP into an `AbortSignal` while a job can stop in good order. */
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type SignalName = (typeof SIGNALS)[number];

export interface Interruption {
  readonly signal: AbortSignal;
  /** The signal received; null so far. */
  readonly received: SignalName | null;
  /** From now on the first signal aborts. */
  arm(): void;
  /** Gives the signals back their usual effect, which ends the process at once. */
  disarm(): void;
}

/**
 * Until `arm` is called, signals have their usual effect. This is so while a graph is built or loaded, and
 * while its first step runs: the event loop is blocked then, so that no handler of ours could run, and there
 * is nothing yet to save.
 *
 * The first signal aborts and calls `onFirst`. After it, signals have their usual effect again, so that the
 * second ends the process. (If both come within one step, both are handled after it.)
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

/** The exit status by which shells report the end of a process by this signal. */
export function statusOf(name: SignalName): number {
  return 128 + constants.signals[name];
}
