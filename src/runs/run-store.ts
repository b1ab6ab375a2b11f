/** The place where a run is kept during training: a folder, memory, or another store. */
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

/** The conditions that a state must meet for its run to continue from it. */
export interface ExpectedState {
  /** Lengths by path. */
  lengths: ReadonlyMap<string, number>;
  /** Fingerprint of the pictures. */
  pictures: string;
}

export interface RunStore {
  /** The run's name in messages and results: the path of its folder. */
  readonly name: string;
  /** The stored configuration; null if there is none. */
  readConfig(): Promise<RunConfig | null>;
  writeConfig(config: RunConfig): Promise<void>;
  /**
   * The newest state that the run can continue from; null if there is none.
   *
   * @param onPassedOver called with a clause for each newer state that is damaged.
   * @throws AfterimageError `train/checkpoint` when there are states but none can be used.
   */
  readState(expected: ExpectedState, onPassedOver: (message: string) => void): Promise<RunState | null>;
  /** Stores a state, with the shapes of its arrays. */
  writeState(state: RunState, shapes: ReadonlyMap<string, readonly number[]>): Promise<void>;
  /** Adds the record of an epoch. It is stored for good when the promise is fulfilled. */
  appendRecord(record: EpochRecord): Promise<void>;
  /** Removes the records after `step`, and returns the others. */
  rewindRecords(step: number): Promise<EpochRecord[]>;
}

/** The name under which a state stores the fingerprint of its pictures. */
export const PICTURES = "pictures";
