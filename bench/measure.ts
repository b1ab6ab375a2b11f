import { setTimeout as sleep } from "node:timers/promises";
import type { BenchCase } from "./cases.ts";
import { LoadWatch } from "./machine.ts";
import type { PeerSpec } from "./peer-list.ts";
import { PeerProcess, REST } from "./peer-process.ts";

export interface MeasureOptions {
  python: string;
  threads: number;
  /** Timed steps of each peer. */
  runs: number;
  /** Warm-up steps, compilation included. */
  warmup: number;
  /** GFLOP/s of the machine's fastest product, for comparison with the steps. */
  gemm: number;
  /** The longest acceptable step, in seconds. A slower peer gets a smaller batch. */
  stepLimit: number;
}

/** One peer's result for one case. */
export type Row = MeasuredRow | MissingRow;

/** A peer that could not take part, with the reason. */
export interface MissingRow {
  peer: string;
  missing: string;
}

export interface MeasuredRow {
  peer: string;
  engine: string;
  build: string[];
  threads: number;
  parameters: number;
  batch: number;
  /** Milliseconds of each timed step. */
  ms: number[];
  /** Losses of the first two steps at batch 1. They are equal for all peers that compute the same. */
  losses: number[];
  peakBytes: number;
  notes: string[];
}

export interface CaseResult {
  case: BenchCase;
  rows: Row[];
  /** GFLOP/s of the machine's fastest product. */
  gemm: number;
  /** Cores that other programs used during the measurement. */
  othersCores?: number;
}

type Log = (line: string) => void;

/** Measures one case: all peers get ready, and then take turns, one step each, in changing order. */
export async function measureCase(
  benchCase: BenchCase,
  peers: readonly PeerSpec[],
  options: MeasureOptions,
  log: Log,
): Promise<CaseResult> {
  const watch = new LoadWatch();
  const contenders = peers.map((spec) => new Contender(spec, benchCase, options));
  for (const contender of contenders) {
    log(`${benchCase.name}: ${contender.name} gets ready`);
    await contender.makeReady();
  }
  for (let run = 0; run < options.runs; run++) {
    log(`${benchCase.name}: run ${run + 1} of ${options.runs}`);
    for (const turn of contenders.keys()) await contenders[(run + turn) % contenders.length]!.takeTurn();
  }
  for (const { pid } of contenders) watch.count(pid);
  const othersCores = watch.others();
  const rows: Row[] = [];
  for (const contender of contenders) rows.push(await contender.finish());
  return { case: benchCase, rows, gemm: options.gemm, ...(othersCores === undefined ? {} : { othersCores }) };
}

/** A peer in one case. An error ends its part and becomes its row. */
class Contender {
  readonly name: string;
  readonly #spec: PeerSpec;
  readonly #case: BenchCase;
  readonly #options: MeasureOptions;
  readonly #row: MeasuredRow;
  #peer: PeerProcess | undefined;
  #missing: string | undefined;

  constructor(spec: PeerSpec, benchCase: BenchCase, options: MeasureOptions) {
    this.name = spec.name;
    this.#spec = spec;
    this.#case = benchCase;
    this.#options = options;
    const nothing = { engine: "", build: [], threads: 0, parameters: 0, batch: 0, peakBytes: 0 };
    this.#row = { peer: spec.name, ...nothing, ms: [], losses: [], notes: [] };
  }

  /** The id of its process; 0 if there is none. */
  get pid(): number {
    return this.#peer?.pid ?? 0;
  }

  /** Starts the peer, tries small batches, prepares the timed batch and warms up. */
  makeReady(): Promise<void> {
    return this.#attempt(async () => {
      this.#peer = await PeerProcess.start(this.#spec, this.#options);
      const { engine, build = [] } = this.#peer.description;
      Object.assign(this.#row, { engine, build, batch: await this.#affordableBatch() });
      await this.#prepare(this.#row.batch);
      await this.#steps(this.#options.warmup);
    });
  }

  takeTurn(): Promise<void> {
    return this.#attempt(async () => {
      await sleep(REST);
      this.#row.ms.push(...(await this.#steps(1)).ms);
    });
  }

  async finish(): Promise<Row> {
    await this.#attempt(async () => {
      this.#row.peakBytes = (await this.#peer!.ask({ cmd: "memory" })).peakBytes;
    });
    await this.#peer?.quit();
    return this.#missing === undefined ? this.#row : { peer: this.name, missing: this.#missing };
  }

  /**
   * 1, 8 or the case's own batch: the largest with a step within the limit, estimated from the smaller one.
   * The estimate from batch 1 is too high, because it counts fixed costs once for each picture.
   */
  async #affordableBatch(): Promise<number> {
    const limit = this.#options.stepLimit * 1000;
    const one = await this.#tryBatch(1);
    if (one * 8 > 3 * limit) return 1;
    const eight = await this.#tryBatch(8);
    if (eight > limit) return 1;
    return (eight * this.#case.batch) / 8 > limit ? 8 : this.#case.batch;
  }

  /** Milliseconds of the fastest of a few steps. The steps at batch 1 give the losses to compare. */
  async #tryBatch(batch: number): Promise<number> {
    await this.#prepare(batch);
    const { ms, loss } = await this.#steps(2);
    if (batch === 1) this.#row.losses = loss;
    if (Math.max(...ms) < 1000) ms.push(...(await this.#steps(3)).ms); // short steps: take more
    return Math.min(...ms);
  }

  async #prepare(batch: number): Promise<void> {
    const { threads } = this.#options;
    const reply = await this.#peer!.ask({ cmd: "prepare", case: { ...this.#case, batch }, threads });
    Object.assign(this.#row, { notes: [], ...reply });
  }

  #steps(count: number) {
    return this.#peer!.ask({ cmd: "step", count });
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    if (this.#missing !== undefined) return;
    try {
      await action();
    } catch (error) {
      this.#missing = (error as Error).message;
      await this.#peer?.quit();
    }
  }
}
