/**
 * The values after three steps of a method as one hash: parameters, state, the optimiser's slots and
 * memories.
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Choices, type PretrainOptions, pretrain } from "afterimage";
import { decodeSafetensors, memoryDataset } from "afterimage/data";
import { randomStream } from "afterimage/random";

/** Three ways to take the same three steps. */
export const FORMS = ["whole", "parts", "resumed"] as const;
export type Form = (typeof FORMS)[number];

const BATCH = 8;
const STEPS = 3;
const CANVAS = 24;
const IMAGE_SIZE = 16;

/** 24 pictures of noise in three classes, each bright in one channel. */
const pictures = memoryDataset({
  canvas: CANVAS,
  pictures: noise(STEPS * BATCH),
  labels: Int32Array.from({ length: STEPS * BATCH }, (_, i) => i % 3),
  classNames: ["red", "green", "blue"],
});

/**
 * A hash for each form of the steps. There is one thread, because sums of several threads may depend on their
 * order.
 */
export async function hashMethod(choices: Choices): Promise<Record<Form, string>> {
  const common = {
    ...choices,
    pictures,
    imageSize: IMAGE_SIZE,
    batchSize: BATCH,
    epochs: 1,
    seed: 3,
    threads: 1,
  };
  return {
    whole: await withFolder((out) => valuesAfter({ ...common, out })),
    parts: await withFolder((out) => valuesAfter({ ...common, out, microBatch: BATCH / 2 })),
    resumed: await withFolder((out) => resumedAfter(2, { ...common, out })),
  };
}

async function valuesAfter(options: PretrainOptions & { out: string }): Promise<string> {
  const { steps, interrupted } = await pretrain({ ...options, monitorEvery: 0 });
  if (steps !== STEPS || interrupted)
    throw new Error(`${options.method}: ${steps} steps instead of ${STEPS}`);
  const name = `step-${`${STEPS}`.padStart(8, "0")}.safetensors`;
  const { arrays } = decodeSafetensors(await readFile(join(options.out, "checkpoints", name)));
  const hash = createHash("sha256");
  for (const path of [...arrays.keys()].sort()) {
    const { shape, data } = arrays.get(path)!;
    hash.update(`${path} ${shape.join("×")}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

/** Stops after `step` steps, and resumes from the checkpoint. */
async function resumedAfter(step: number, options: PretrainOptions & { out: string }): Promise<string> {
  const stop = new AbortController();
  const first = await pretrain({
    ...options,
    signal: stop.signal,
    onProgress: (event) => {
      if (event.type === "step" && event.step === step) stop.abort();
    },
  });
  if (!first.interrupted) throw new Error(`${options.method} was not interrupted after step ${step}`);
  return valuesAfter({ ...options, resume: true });
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "afterimage-hashes-"));
  try {
    return await use(join(folder, "run"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function noise(count: number): Uint8Array {
  const random = randomStream(0, "hashes", 0, 0);
  const plane = CANVAS ** 2;
  return Uint8Array.from({ length: count * 3 * plane }, (_, at) => {
    const bright = Math.floor(at / plane) % 3 === Math.floor(at / (3 * plane)) % 3;
    return random.integer(0, 100) + (bright ? 155 : 0);
  });
}
