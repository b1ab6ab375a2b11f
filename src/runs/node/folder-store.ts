import type { EpochRecord } from "../../train/epoch-record.ts";
import { readNewestCheckpoint, writeCheckpoint } from "../../train/node/checkpoint.ts";
import {
  appendMetrics,
  passedOver,
  readRunConfig,
  rewindMetrics,
  runPaths,
  writeRunConfig,
} from "../../train/node/run-folder.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { ExpectedState, RunState, RunStore } from "../run-store.ts";

/** Keeps a run in its folder: `config.json`, `metrics.jsonl` and `checkpoints/`. */
export class FolderStore implements RunStore {
  readonly name: string;

  constructor(folder: string) {
    this.name = folder;
  }

  readConfig(): Promise<RunConfig | null> {
    return readRunConfig(this.name);
  }

  writeConfig(config: RunConfig): Promise<void> {
    return writeRunConfig(this.name, config);
  }

  readState(expected: ExpectedState, onPassedOver: (message: string) => void): Promise<RunState | null> {
    return readNewestCheckpoint(this.#checkpoints, expected, (path, reason) =>
      onPassedOver(passedOver(path, reason)),
    );
  }

  async writeState({ step, arrays, metadata }: RunState, shapes: ReadonlyMap<string, readonly number[]>) {
    await writeCheckpoint(this.#checkpoints, step, arrays, shapes, metadata);
  }

  appendRecord(record: EpochRecord): Promise<void> {
    return appendMetrics(this.name, record);
  }

  rewindRecords(step: number): Promise<EpochRecord[]> {
    return rewindMetrics(this.name, step);
  }

  get #checkpoints(): string {
    return runPaths(this.name).checkpoints;
  }
}
