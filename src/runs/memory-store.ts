import { AfterimageError } from "../errors.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import type { RunConfig } from "../train/run-config.ts";
import { type ExpectedState, PICTURES, type RunState, type RunStore } from "./run-store.ts";

/** Keeps a run in memory: for tests, for browsers, and for runs that are not to be resumed. */
export class MemoryStore implements RunStore {
  readonly name: string;
  #config: RunConfig | null = null;
  #state: RunState | null = null;
  #records: EpochRecord[] = [];

  constructor(name = "(in memory)") {
    this.name = name;
  }

  async readConfig(): Promise<RunConfig | null> {
    return this.#config;
  }

  async writeConfig(config: RunConfig): Promise<void> {
    this.#config = structuredClone(config);
  }

  async readState(expected: ExpectedState): Promise<RunState | null> {
    if (this.#state === null) return null;
    requireFitting(this.name, this.#state, expected);
    return copyOf(this.#state);
  }

  async writeState(state: RunState): Promise<void> {
    this.#state = copyOf(state);
  }

  async appendRecord(record: EpochRecord): Promise<void> {
    this.#records.push(record);
  }

  async rewindRecords(step: number): Promise<EpochRecord[]> {
    this.#records = this.#records.filter((record) => record.step <= step);
    return [...this.#records];
  }
}

/** Memories are updated in place while training continues, so arrays are copied in both directions. */
function copyOf({ step, arrays, metadata }: RunState): RunState {
  return {
    step,
    arrays: new Map([...arrays].map(([path, data]) => [path, data.slice()])),
    metadata: { ...metadata },
  };
}

function requireFitting(where: string, { arrays, metadata }: RunState, expected: ExpectedState): void {
  if (metadata[PICTURES] !== undefined && metadata[PICTURES] !== expected.pictures) {
    throw new AfterimageError("train/checkpoint", { what: "this state was made with other pictures", where });
  }
  for (const [path, length] of expected.lengths) {
    const got = arrays.get(path)?.length;
    if (got === length) continue;
    throw new AfterimageError("train/checkpoint", {
      what: "this state belongs to another network",
      where,
      expected: `${path} with ${length} numbers`,
      got: got === undefined ? "none" : `${got}`,
    });
  }
}
