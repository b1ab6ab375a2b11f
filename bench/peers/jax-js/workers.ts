import { resolveObjectURL } from "node:buffer";
import { Worker as Thread } from "node:worker_threads";

/** The globals that a web worker's program expects. */
const PRELUDE = `
  import { parentPort } from "node:worker_threads";
  globalThis.self = globalThis;
  globalThis.postMessage = (message) => parentPort.postMessage(message);
  parentPort.on("message", (data) => self.onmessage({ data }));
`;

/** The part of the web's `Worker` that jax-js uses, for a program in a blob. */
class BlobWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  readonly #thread: Promise<Thread>;

  constructor(url: string) {
    this.#thread = this.#start(url);
  }

  async #start(url: string): Promise<Thread> {
    const program = await resolveObjectURL(url)!.text();
    const source = encodeURIComponent(PRELUDE + program);
    const thread = new Thread(new URL(`data:text/javascript,${source}`));
    thread.on("message", (data: unknown) => this.onmessage?.({ data }));
    thread.on("error", ({ message }: Error) => this.onerror?.({ message }));
    return thread;
  }

  postMessage(message: unknown): void {
    void this.#thread.then((thread) => thread.postMessage(message));
  }

  terminate(): void {
    void this.#thread.then((thread) => thread.terminate());
  }
}

/** Gives this process web workers, and as many processors as threads. */
export function provideWorkers(threads: number): void {
  Object.defineProperty(globalThis, "Worker", { value: BlobWorker, configurable: true });
  Object.defineProperty(globalThis, "navigator", {
    value: { hardwareConcurrency: threads },
    configurable: true,
  });
}
