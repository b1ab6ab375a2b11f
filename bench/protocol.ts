/**
 * What the benchmark and a peer say to each other: one JSON object a line on the peer's standard input, one
 * back on its standard output for each. The first line is the peer's own: its description, or why it cannot
 * take part. Lines that do not start with `{` are ignored.
 */
import type { BenchCase } from "./cases.ts";

/** What the benchmark asks. */
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
  /** Libraries it was built with, one a line. */
  build?: string[];
}

/** To `prepare`: a new network and optimiser for the case. May come again, for another case or batch. */
export interface PreparedReply {
  parameters: number;
  threads: number;
  notes?: string[];
}

/** To `step`: milliseconds of each step, and the loss of each before its update. */
export interface StepsReply {
  ms: number[];
  loss: number[];
}

/** To `memory`: the most resident memory the process has held since it started. */
export interface MemoryReply {
  peakBytes: number;
}

/** To anything that failed: one sentence. The peer may go on with another `prepare`. */
export interface ErrorReply {
  error: string;
}

export type PeerReply = PreparedReply | StepsReply | MemoryReply | ErrorReply;

/** The answer that belongs to each request. */
export interface ReplyTo {
  prepare: PreparedReply;
  step: StepsReply;
  memory: MemoryReply;
}
