import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { PeerSpec } from "./peer-list.ts";
import type { PeerDescription, PeerRequest, ReplyTo } from "./protocol.ts";

/** Longest wait for one answer, in milliseconds. */
const PATIENCE = 600_000;

/**
 * Pause between the turns of peers, in milliseconds, in which the threads of the peer before come to rest.
 */
export const REST = 150;

/** A running peer. Requests are answered one at a time, in order. */
export class PeerProcess {
  readonly name: string;
  readonly pid: number;
  readonly description: PeerDescription;
  readonly #child: ChildProcess;
  readonly #replies: Replies;

  private constructor(name: string, child: ChildProcess, replies: Replies, description: PeerDescription) {
    this.name = name;
    this.pid = child.pid!;
    this.description = description;
    this.#child = child;
    this.#replies = replies;
  }

  /** Starts a peer. Fails with a sentence if it cannot be started or cannot take part. */
  static async start(
    spec: Pick<PeerSpec, "name" | "command">,
    options: { python: string; threads: number },
  ): Promise<PeerProcess> {
    const [program, ...args] = spec.command(options) as [string, ...string[]];
    const threads = String(options.threads);
    const env = { ...process.env, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    const replies = new Replies(child);
    const description = (await replies.next()) as PeerDescription;
    return new PeerProcess(spec.name, child, replies, description);
  }

  /** Sends a request and waits for the answer. Fails with the peer's own sentence if that is an error. */
  async ask<K extends keyof ReplyTo>(request: PeerRequest & { cmd: K }): Promise<ReplyTo[K]> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    return (await this.#replies.next()) as ReplyTo[K];
  }

  /** Asks the peer to quit, and kills it if it does not. */
  async quit(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin!.end(`${JSON.stringify({ cmd: "quit" } satisfies PeerRequest)}\n`);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(timer);
  }
}

/** The JSON lines that a child prints, one promise for each. */
class Replies {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  #complaint = "";
  #failure: Error | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout! });
    child.stdin!.on("error", () => {}); // the exit has the reason
    child.stderr!.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-2_000);
    });
    child.once("error", (error) => this.#fail(new Error(error.message)));
    child.once("close", (code, signal) => this.#fail(new Error(this.#lastWords(signal ?? `exit ${code}`))));
  }

  async next(): Promise<unknown> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE);
    try {
      const line = await this.#nextLine();
      const reply = JSON.parse(line) as { error?: string };
      if (reply.error !== undefined) throw new Error(reply.error);
      return reply;
    } finally {
      clearTimeout(timer);
    }
  }

  #nextLine(): Promise<string> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const onLine = (line: string) => line.startsWith("{") && settle(() => resolve(line));
      const onFailure = (error: Error) => settle(() => reject(error));
      const settle = (finish: () => void) => {
        this.#lines.off("line", onLine);
        this.#child.off("failure", onFailure);
        finish();
      };
      this.#lines.on("line", onLine);
      this.#child.once("failure", onFailure);
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#child.emit("failure", this.#failure);
  }

  /** The reason of its end: the last line that looks like a reason. */
  #lastWords(how: string): string {
    const lines = this.#complaint.split("\n").filter((line) => line.trim() !== "");
    const reason = lines.findLast((line) => /error|cannot|no module/i.test(line)) ?? lines.at(-1);
    return reason === undefined ? how : `${how}: ${reason.trim()}`;
  }
}
