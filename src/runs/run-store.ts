/** Where a run is kept while it trains: a folder, memory, or whatever else. */
import type { EpochRecord } from "../train/epoch-record.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Values } from "../train/values.ts";

/** All values of a run after some step. */
export interface RunState {
  /** Optimiser steps done. */
  step: number;
  /** Values by path. */
  arrays: Values;
  /** Free text by name, as it was written. */
  metadata: Readonly<Record<string, string>>;
}

/** What a state must hold to be gone on with. */
export interface ExpectedState {
  /** Lengths by path. */
  lengths: ReadonlyMap<string, number>;
  /** Fingerprint of the pictures. */
  pictures: string;
}

export interface RunStore {
  /** What the run is called in messages and results: the path of its folder. */
  readonly name: string;
  /** The configuration that was kept; null when there is none. */
  readConfig(): Promise<RunConfig | null>;
  writeConfig(config: RunConfig): Promise<void>;
  /**
   * The newest state that can be gone on with; null when there is none.
   *
   * @param onPassedOver told of each newer state that is damaged, in a clause.
   * @throws AfterimageError `train/checkpoint` when there are states but none can be used.
   */
  readState(expected: ExpectedState, onPassedOver: (message: string) => void): Promise<RunState | null>;
  /** Keeps a state, with the shapes of its arrays. */
  writeState(state: RunState, shapes: ReadonlyMap<string, readonly number[]>): Promise<void>;
  /** Adds the record of an epoch; it is kept for good when the promise is fulfilled. */
  appendRecord(record: EpochRecord): Promise<void>;
  /** Takes the records back to those of `step` and before, and gives those. */
  rewindRecords(step: number): Promise<EpochRecord[]>;
}

/** Under which name a state keeps the fingerprint of its pictures. */
export const PICTURES = "pictures";
