/** How a step is run: as one graph, or in parts whose gradients are summed. */
import type { Batch, BatchPart } from "../data/loader.ts";
import type { Feeds, Results, Session } from "../runtime/session.ts";
import type { TensorData } from "../tensor/index.ts";
import { GRADIENT, SEED, type SummedPrograms } from "./part-graphs.ts";
import { RowsByView } from "./rows-by-view.ts";
import { NEXT } from "./update.ts";

type SummedSessions = Record<keyof SummedPrograms, Session>;

export interface CoupledSessions extends Record<"gradient" | "update", Session> {
  /** Loads a program for the time of its use, unless it is small: so its memory is not held beside that of the others. */
  lend<T>(name: "embed" | "loss", use: (session: Session) => Promise<T>): Promise<T>;
}

/** What a step is run with. */
export interface StepInput {
  batch: Batch;
  /** Variables and slots before the step, and the step's scalars. */
  values: Feeds;
  /** Pictures, views and masks of a part. */
  feedsOf(part: BatchPart): Feeds;
  /** What the loss of the whole batch sees beside embeddings: draws and memories. */
  lossFeeds: Feeds;
  /** Sizes of the parameters, by path. */
  parameters: ReadonlyMap<string, number>;
  /** Pictures in a part. */
  microBatch: number;
}

/** Loss, metrics, gradient norm, and all next values. */
export async function runWhole(session: Session, input: StepInput): Promise<Results> {
  const { batch, values, feedsOf, lossFeeds } = input;
  let results: Results = {};
  for await (const part of batch.parts())
    results = await session.run({ ...values, ...lossFeeds, ...feedsOf(part) });
  return results;
}

/** A loss that is the mean of those of the parts: gradients are added up, all else is averaged. */
export async function runSummed(sessions: SummedSessions, input: StepInput): Promise<Results> {
  const sums = zeroSums(input.parameters);
  const mean = new Mean();
  for await (const part of input.batch.parts()) {
    const results = await sessions.gradient.run({ ...input.values, ...input.feedsOf(part), ...sums });
    mean.add(takeSums(results, sums), part.indices.length);
  }
  return { ...mean.result(), ...(await sessions.update.run({ ...input.values, ...sums })) };
}

/** A loss that couples the batch: embed all parts, then the loss, then every part once more with its gradient. */
export async function runCoupled(sessions: CoupledSessions, input: StepInput): Promise<Results> {
  const { batch, values, feedsOf, lossFeeds } = input;
  const sizes = { partSize: input.microBatch, batchSize: batch.indices.length };
  const embeddings = await sessions.lend("embed", async (embed) => {
    const rows = new RowsByView(embed.program.outputs, sizes);
    for await (const part of batch.parts({ again: true }))
      rows.put(await embed.run({ ...values, ...feedsOf(part) }), part);
    return rows;
  });
  const judged = await sessions.lend("loss", (loss) =>
    loss.run({ ...values, ...lossFeeds, ...embeddings.whole }),
  );
  const sums = zeroSums(input.parameters);
  const rest = takeSums(judged, sums);
  const seeds = new RowsByView(sessions.gradient.program.inputs.filter(isSeed), sizes, pick(rest, SEED));
  const mean = new Mean();
  for await (const part of batch.parts()) {
    const feeds = { ...values, ...feedsOf(part), ...seeds.partOf(part), ...sums };
    const results = await sessions.gradient.run(feeds);
    mean.add(takeSums(results, sums), part.indices.length);
  }
  const updated = await sessions.update.run({ ...values, ...sums });
  return { ...mean.result(), ...without(rest, SEED), ...updated };
}

function zeroSums(parameters: ReadonlyMap<string, number>): Record<string, TensorData> {
  return Object.fromEntries(
    [...parameters].map(([path, size]) => [`${GRADIENT}${path}`, new Float32Array(size)]),
  );
}

/** Takes the gradients among the results into `sums`, and gives back the rest. */
function takeSums(results: Results, sums: Record<string, TensorData>): Results {
  const isSum = (name: string) => name.startsWith(`${NEXT}${GRADIENT}`) || name.startsWith(GRADIENT);
  const rest: Results = {};
  for (const [name, data] of Object.entries(results)) {
    if (isSum(name)) sums[name.startsWith(NEXT) ? name.slice(NEXT.length) : name] = data;
    else rest[name] = data;
  }
  return rest;
}

const isSeed = ({ name }: { name: string }) => name.startsWith(SEED);

function pick(results: Results, prefix: string): Results {
  return Object.fromEntries(Object.entries(results).filter(([name]) => name.startsWith(prefix)));
}

function without(results: Results, prefix: string): Results {
  return Object.fromEntries(Object.entries(results).filter(([name]) => !name.startsWith(prefix)));
}

/** The mean over pictures of what parts give back: losses, metrics, next states. */
class Mean {
  readonly #sums = new Map<string, Float64Array>();
  #count = 0;

  add(results: Results, pictures: number): void {
    this.#count += pictures;
    for (const [name, data] of Object.entries(results)) {
      const sum = this.#sums.get(name) ?? new Float64Array(data.length);
      for (let i = 0; i < data.length; i++) sum[i]! += pictures * (data[i] as number);
      this.#sums.set(name, sum);
    }
  }

  result(): Results {
    const entries = [...this.#sums].map(([name, sum]) => [
      name,
      Float32Array.from(sum, (v) => v / this.#count),
    ]);
    return Object.fromEntries(entries) as Results;
  }
}
