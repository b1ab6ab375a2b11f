import { createInterface } from "node:readline";
import type { BenchCase } from "../cases.ts";
import { peakBytes } from "../peak-bytes.ts";
import type { PeerDescription, PeerReply, PeerRequest } from "../protocol.ts";

/** A prepared training step, with its own weights, batch and compiled code. */
export interface PreparedStep {
  /** The number of trained numbers. */
  parameters: number;
  /** The number of threads that compute it. */
  threads: number;
  /** Notes for readers of the table. */
  notes?: string[];
  /** Runs one step on the batch. Returns the loss before the update, after the update is finished. */
  step: () => Promise<number> | number;
  /** Releases everything that `prepare` allocated. */
  dispose?: () => void | Promise<void>;
}

/** A peer written in TypeScript. */
export interface Peer {
  /** Name and version. */
  engine: string;
  prepare: (benchCase: BenchCase, threads: number) => Promise<PreparedStep>;
}

/**
 * Answers the benchmark's requests on standard input until `quit` or the end of the stream. Standard output
 * belongs to the protocol, so the library's own output goes to standard error.
 */
export async function serve(load: () => Promise<Peer>): Promise<void> {
  console.log = console.error;
  console.info = console.error;
  const peer = await load().catch((error: unknown) => send(failure(error)));
  if (peer === undefined) return;
  send({ ready: true, engine: peer.engine });
  let prepared: PreparedStep | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as PeerRequest;
    if (request.cmd === "quit") break;
    try {
      if (request.cmd === "prepare") {
        prepared?.dispose?.();
        prepared = await peer.prepare(request.case, request.threads);
      }
      send(await answer(request, prepared));
    } catch (error) {
      send(failure(error));
    }
  }
  process.exit(0);
}

async function answer(request: PeerRequest, prepared: PreparedStep | undefined): Promise<PeerReply> {
  if (request.cmd === "memory") return { peakBytes: peakBytes() };
  if (prepared === undefined) return { error: "a step before prepare" };
  if (request.cmd === "step") return timedSteps(prepared, request.count);
  const { parameters, threads, notes = [] } = prepared;
  return { parameters, threads, notes };
}

async function timedSteps(prepared: PreparedStep, count: number): Promise<PeerReply> {
  const ms: number[] = [];
  const loss: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    loss.push(await prepared.step());
    ms.push(performance.now() - start);
  }
  return { ms, loss };
}

function failure(error: unknown): PeerReply {
  return { error: error instanceof Error ? error.message : String(error) };
}

function send(reply: PeerDescription | PeerReply): undefined {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
