/** Measures the time of a step on this machine, by a few steps whose results are discarded. */
import { batches } from "../../data/loader.ts";
import { memoryDataset } from "../../data/memory-dataset.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { medianOf } from "../../data/picture-survey.ts";
import { withTargets } from "../../data/with-targets.ts";
import type { Method } from "../../objectives/method.ts";
import type { Target } from "../../objectives/target.ts";
import { randomStream } from "../../random/random-stream.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { LoadOptions } from "../../train/forms/compile-step.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { Trainer } from "../../train/trainer.ts";

export interface StepTimes {
  /** The median seconds of a step now. */
  now: number;
  /** Seconds that a step would take if no other program used the processors. */
  quiet: number;
}

const WARM_UP = 2;
const LEAST_TIMED = 4;
/** Steps need some seconds to reach their steady pace, and a machine's pace varies within a second. */
const LEAST_SECONDS = 5;
/**
 * A factor for processor time that a step takes outside of its threads: the operating system, feeding and
 * reading.
 */
const BESIDE = 1.1;

/**
 * Times steps on pictures of noise, which cost what real ones do.
 *
 * While another program runs, a step's threads wait for a processor. The processor time of the process does
 * not include that wait, so it shows how long a step takes on a quiet machine. It is not used for other
 * providers.
 *
 * @param options `mostSeconds` limits all timed steps: when it is exceeded, two steps are enough.
 */
export async function timeSteps(
  config: RunConfig,
  options: LoadOptions & { threads: number; method?: Method; mostSeconds?: number },
): Promise<StepTimes> {
  const isEnough = enoughFor(options.mostSeconds ?? Number.POSITIVE_INFINITY);
  const trainer = await Trainer.create(config, options);
  const times: StepTimes[] = [];
  try {
    const pictures = withZeros(noise(config), trainer.targets);
    for (let epoch = 0; !isEnough(times); epoch++)
      await timeEpoch(trainer, pictures, { epoch, isEnough, ...options }, times);
  } finally {
    await trainer.release();
  }
  const timed = times.slice(Math.min(WARM_UP, times.length - 1));
  return { now: medianOf(timed.map(({ now }) => now))!, quiet: medianOf(timed.map(({ quiet }) => quiet))! };
}

type IsEnough = (times: readonly StepTimes[]) => boolean;

function enoughFor(mostSeconds: number): IsEnough {
  return (times) => {
    const seconds = times.reduce((sum, { now }) => sum + now, 0);
    if (seconds >= mostSeconds) return times.length >= 2;
    return times.length >= WARM_UP + LEAST_TIMED && seconds >= LEAST_SECONDS;
  };
}

async function timeEpoch(
  trainer: Trainer,
  pictures: PictureDataset,
  {
    epoch,
    isEnough,
    threads,
    provider = "cpu",
  }: LoadOptions & { epoch: number; isEnough: IsEnough; threads: number },
  times: StepTimes[],
): Promise<void> {
  const { batchSize, microBatch: partSize, seed } = trainer.config;
  const source = { batchSize, partSize, seed, epoch, targets: trainer.targets };
  for await (const batch of batches(pictures, source)) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await trainer.step(batch, batch.step);
    const now = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(used);
    const own = ((user + system) / 1e6 / threads) * BESIDE;
    times.push({ now, quiet: provider === "cpu" ? Math.min(now, own) : now });
    if (isEnough(times)) return;
  }
}

/** The data set with every target zero: the time of a step does not depend on them. */
function withZeros(dataset: PictureDataset, targets: readonly Target[]): PictureDataset {
  const zeros = (target: Target) => {
    if (target.per === "pixel") return { masks: { [target.name]: { fingerprint: "", read: () => {} } } };
    const { name, dtype, shape } = target;
    const size = dataset.size * sizeOf(shape);
    const data = dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
    return { rows: { [name]: { dtype, shape, data } } };
  };
  return targets.reduce((known, target) => withTargets(known, zeros(target)), dataset);
}

/** As many pictures as the run has, all of them the same few, because their contents do not matter. */
function noise({ data, batchSize, canvas, seed }: RunConfig): PictureDataset {
  const count = Math.min(data.pictures, 4 * batchSize);
  const random = randomStream(seed, "time-steps", 0, 0);
  const pictures = new Uint8Array(count * 3 * canvas * canvas);
  const some = Uint8Array.from({ length: Math.min(pictures.length, 1 << 16) }, () => random.uniform(0, 256));
  for (let start = 0; start < pictures.length; start += some.length)
    pictures.set(some.subarray(0, pictures.length - start), start);
  return memoryDataset({ canvas, pictures, names: Array.from({ length: count }, (_, i) => `${i}`) });
}
