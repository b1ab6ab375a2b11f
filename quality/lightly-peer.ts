/**
 * The same recipe in lightly on PyTorch. bench/torch/quality_peer.py gets the same pictures, and the views,
 * settings and schedules as data. Its features are judged in the same way.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AfterimageError, type PictureDataset } from "afterimage";
import { NORMALIZATION } from "afterimage/augment";
import { decodeNpy, encodeNpy, type Matrix } from "afterimage/data";
import type { Method } from "afterimage/methods";
import { describeRun, type ScalarPlan, scalarPlan } from "afterimage/train";
import { z } from "zod";
import type { Contestant, Look, Outcome, Task } from "./contestant.ts";
import { familyOf } from "./recipe.ts";
import { configFor, epochsIn } from "./train-encoder.ts";

const SCRIPT = fileURLToPath(new URL("../bench/torch/quality_peer.py", import.meta.url));

export function lightlyPeer(method: Method): Contestant {
  return {
    name: `lightly-${method.name}`,
    title: `${method.title} in lightly`,
    group: "peer",
    of: method.name,
    seeds: "all",
    run: (task) => runPeer(method, task),
  };
}

const paceSchema = z.object({ secondsPerStep: z.number().positive() });
const answerSchema = z.object({
  seconds: z.number(),
  steps: z.number(),
  losses: z.array(z.number()),
  versions: z.record(z.string(), z.string()),
});

async function runPeer(method: Method, task: Task): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), "afterimage-peer-"));
  try {
    await writePictures(path.join(folder, "train.npy"), task.set.train);
    await writePictures(path.join(folder, "test.npy"), task.set.test);
    await writePictures(path.join(folder, "copies.npy"), task.set.tasks.copies);
    const ask = (job: Job, mode: "pace" | "train") => askPython(task.python ?? "python3", folder, job, mode);
    const first = jobFor(method, task, 1);
    const pace = async () => {
      const { secondsPerStep } = paceSchema.parse(await ask(first, "pace"));
      return secondsPerStep * first.schedules.learning_rate!.length;
    };
    const epochs = epochsIn(task, task.secondsPerEpoch ?? (await pace()));
    const job = jobFor(method, task, epochs);
    const answer = answerSchema.parse(await ask(job, "train"));
    const { schedules: _, ...settings } = job;
    return {
      train: await readFeatures(path.join(folder, "train-features.npy")),
      test: await readFeatures(path.join(folder, "test-features.npy")),
      copies: await readFeatures(path.join(folder, "copies-features.npy")),
      metric: "cosine",
      family: job.family,
      settings,
      versions: answer.versions,
      training: {
        minutes: answer.seconds / 60,
        epochs,
        picturesPerSecond: (answer.steps * job.batchSize) / answer.seconds,
        collapsedLoss: null,
        course: answer.losses.map((loss, i) => lookAt(i + 1, loss)),
      },
      classifier: null,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Job = ReturnType<typeof jobFor>;

/** Everything that the script needs, as plain data, from the configuration of a run of this method here. */
function jobFor(method: Method, task: Task, epochs: number) {
  const family = familyOf(method);
  const config = configFor({ method, family }, task, task.set.train, epochs);
  const { options, own, plan } = describeRun(config, method);
  return {
    method: method.name,
    family,
    epochs,
    ...{ seed: task.seed, threads: task.threads },
    ...{ batchSize: config.batchSize, imageSize: config.imageSize },
    backbone: config.backbone.settings,
    settings: config.method.settings,
    training: config.training,
    views: options.objective.views,
    normalize: NORMALIZATION,
    schedules: schedulesOf(scalarPlan(config.training, plan, own, []), plan.steps),
  };
}

/** Every scheduled number, by name, for all steps. */
function schedulesOf(scalars: ScalarPlan, steps: number): Record<string, number[]> {
  const schedules: Record<string, number[]> = {};
  for (let step = 0; step < steps; step++) {
    for (const [name, value] of Object.entries(scalars.at(step))) {
      const bare = name.replace(/^scalar:/, "");
      schedules[bare] ??= [];
      schedules[bare].push(value[0]!);
    }
  }
  return schedules;
}

/** The script reports only losses; its features are not evaluated during training. */
function lookAt(epoch: number, loss: number): Look {
  return { epoch, loss, knn: null, health: null, warning: null };
}

async function writePictures(file: string, pictures: PictureDataset): Promise<void> {
  const { size, canvas } = pictures;
  const data = new Uint8Array(size * 3 * canvas * canvas);
  await pictures.readBatch(
    Array.from({ length: size }, (_, i) => i),
    data,
  );
  await writeFile(file, encodeNpy({ dtype: "U8", shape: [size, 3, canvas, canvas], data }));
}

async function readFeatures(file: string): Promise<Matrix> {
  const { shape, data } = decodeNpy(await readFile(file));
  return { rows: shape[0]!, cols: shape[1]!, data: data as Float32Array };
}

/**
 * Runs the script on a job and reads its answer. The error of a failure has the last line of standard error.
 */
async function askPython(python: string, folder: string, job: Job, mode: "pace" | "train"): Promise<unknown> {
  await writeFile(path.join(folder, "job.json"), JSON.stringify(job));
  const child = spawn(python, [SCRIPT, folder, mode], { stdio: ["ignore", "ignore", "pipe"] });
  let last = "";
  createInterface({ input: child.stderr }).on("line", (line) => {
    last = line;
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (status === 0) return JSON.parse(await readFile(path.join(folder, "answer.json"), "utf8"));
  throw new AfterimageError("usage/value", {
    what: "the peer failed",
    where: `${job.method}, ${python} ${path.relative(process.cwd(), SCRIPT)}`,
    got: last || `exit status ${status}`,
    todo: "Give --python a Python with torch, torchvision and lightly.",
  });
}
