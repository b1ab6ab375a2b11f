/**
 * The protocol between the benchmark and a peer: one JSON object a line on the peer's standard input, and one
 * line on its standard output for each. The peer's first line is its description, or the reason why it cannot
 * take part. Lines that do not start with `{` are ignored.
 */
import type { BenchCase } from "./cases.ts";

/** Requests of the benchmark. */
export type PeerRequest =
  | { cmd: "prepare"; case: BenchCase; threads: number }
  | { cmd: "step"; count: number }
  | { cmd: "memory" }
  | { cmd: "quit" };

/** A peer's first line. */
export interface PeerDescription {
  ready: true;
  /** Name and version. */
  engine: string;
  /** Libraries that it was built with, one a line. */
  build?: string[];
}

/**
 * The reply to `prepare`, which makes a new network and optimiser for the case. Another case or batch may
 * follow.
 */
export interface PreparedReply {
  parameters: number;
  threads: number;
  notes?: string[];
}

/** The reply to `step`: milliseconds of each step, and each loss before its update. */
export interface StepsReply {
  ms: number[];
  loss: number[];
}

/** The reply to `memory`: the peak resident memory of the process. */
export interface MemoryReply {
  peakBytes: number;
}

/** The reply to a failed request: one sentence. Another `prepare` may follow. */
export interface ErrorReply {
  error: string;
}

export type PeerReply = PreparedReply | StepsReply | MemoryReply | ErrorReply;

/** The reply to each request. */
export interface ReplyTo {
  prepare: PreparedReply;
  step: StepsReply;
  memory: MemoryReply;
}
