/**
 * The demo: pre-trains on the embedded emoji without labels, and compares the encoder with raw pixels and the
 * untrained network. `npm run demo`; flags in options.ts, the recipe in recipe.ts.
 */
import { rm } from "node:fs/promises";
import path from "node:path";
import { AfterimageError, type EncoderSnapshot, pretrain, readPixels } from "afterimage";
import { createBackbone } from "afterimage/backbones";
import { counted, type ProgressView, showProgress } from "afterimage/cli";
import { openPictures } from "afterimage/data/node";
import { extractFeatures, initialEncoderValues } from "afterimage/train";
import { emojiFile, writeEmojiFolder } from "./emoji-folder.ts";
import { type EmojiIcon, listEmoji } from "./emoji-icons.ts";
import { type DemoOptions, demoOptions, HELP } from "./options.ts";
import { type Course, drawCourse, drawGrid, type Way } from "./pictures-to-look-at.ts";
import { CANVAS, FEWEST_EPOCHS, RECIPE } from "./recipe.ts";
import { type TableRow, textTable } from "./table.ts";
import { type Features, PAIRS, poseTasks, scoreTasks, type TaskScores, type Tasks } from "./tasks.ts";

/** The number of times during training that the tasks are scored, for the plot. */
const LOOKS = 4;
/** Another seed than that of training, so the copies are independent of the views. */
const EDIT_SEED = 1000;

async function main(): Promise<void> {
  const started = performance.now();
  const options = demoOptions(process.argv.slice(2));
  if (options === null) return print(HELP);
  const view = showProgress({});
  try {
    const { folder, cacheDir, pictures, icons } = await readPictures(options, view);
    const tasks = await poseTasks(pictures, EDIT_SEED + options.seed);
    const pixels = await judge("pixels", tasks, await pixelFeatures(tasks), options);
    const untrained = await judge("untrained", tasks, await untrainedFeatures(tasks, options), options);
    const { trained, course, epochs, run, encoder } = await train(
      { folder, cacheDir },
      tasks,
      untrained,
      options,
      view,
    );
    view.end();
    const ways = [pixels, untrained, trained];
    const subtitle = `SimCLR on ${pictures.size} emoji without labels, ${counted(Number(epochs.toFixed(1)), "epoch")}, seed ${options.seed}`;
    const grid = await drawGrid(options.out, tasks, ways, {
      icons,
      seed: options.seed,
      editSeed: EDIT_SEED + options.seed,
      threads: options.threads,
    });
    const plot = await drawCourse(options.out, course, { subtitle, pixels: pixels.scores });
    print(
      report(ways, tasks, {
        epochs,
        run,
        encoder,
        grid,
        plot,
        seed: options.seed,
        seconds: (performance.now() - started) / 1000,
      }),
    );
    await pictures.close();
  } finally {
    view.end();
  }
}

/** Draws the emoji into a folder and opens it like any user's folder. */
async function readPictures({ out }: DemoOptions, view: ProgressView) {
  const { icons } = await listEmoji();
  const onCache = (done: number, total: number) => view.onProgress({ type: "cache", done, total });
  const { folder } = await writeEmojiFolder(path.join(out, "emoji"), {
    size: CANVAS,
    icons,
    onProgress: onCache,
  });
  const cacheDir = path.join(out, "cache");
  const pictures = await openPictures(folder, {
    canvas: CANVAS,
    cacheDir,
    labels: "auto",
    onProgress: onCache,
  });
  view.print(`${pictures.size} emoji by three teams of artists, ${CANVAS} × ${CANVAS} pixels, in ${folder}`);
  view.print(
    "kNN during training uses the nine categories of emoji (food, flags, …); training does not see these labels.",
  );
  const byFile = new Map(icons.map((icon) => [emojiFile(icon), icon]));
  const inOrder = pictures.names.map((name): EmojiIcon => byFile.get(name.replaceAll("\\", "/"))!);
  return { folder, cacheDir, pictures, icons: inOrder };
}

interface JudgedWay extends Way {
  scores: TaskScores;
}

async function judge(
  title: string,
  tasks: Tasks,
  features: Features,
  { threads }: DemoOptions,
): Promise<JudgedWay> {
  return { title, features, scores: await scoreTasks(tasks, features, threads) };
}

async function pixelFeatures({ originals, copies }: Tasks): Promise<Features> {
  return { originals: await readPixels(originals), copies: await readPixels(copies), metric: "euclidean" };
}

async function encode(tasks: Tasks, encoder: EncoderSnapshot, threads: number): Promise<Features> {
  const options = { ...encoder, threads, batchSize: 128 };
  const originals = await extractFeatures(tasks.originals, options);
  return { originals, copies: await extractFeatures(tasks.copies, options), metric: "cosine" };
}

/** Features of the network before training with this seed. */
async function untrainedFeatures(tasks: Tasks, { seed, threads }: DemoOptions): Promise<Features> {
  const { imageSize } = RECIPE;
  const backbone = createBackbone(RECIPE.backbone, { imageSize, ...RECIPE.backboneOptions });
  const values = initialEncoderValues(backbone, { imageSize, seed });
  return encode(tasks, { backbone, values, imageSize }, threads);
}

interface Place {
  folder: string;
  cacheDir: string;
}

/** Pre-trains through the same job as the command line, and scores the tasks meanwhile. */
async function train(
  { folder, cacheDir }: Place,
  tasks: Tasks,
  untrained: JudgedWay,
  options: DemoOptions,
  view: ProgressView,
) {
  const out = path.join(options.out, "run");
  await rm(out, { recursive: true, force: true });
  const { threads, seed, minutes, epochs } = options;
  const course: Course = { loss: [], collapsed: null, copies: [], artists: [] };
  const look = (epoch: number, { scores }: JudgedWay) => {
    course.copies.push({ x: epoch, y: scores.copies.at1 });
    course.artists.push({ x: epoch, y: meanAt5(scores) });
  };
  look(0, untrained);
  const newest: { epoch: number; encoder: EncoderSnapshot | null } = { epoch: 0, encoder: null };
  const isDue = lookTimes(minutes);
  const result = await pretrain({
    ...RECIPE,
    ...(epochs === null ? { minutes, fewestEpochs: FEWEST_EPOCHS } : { epochs }),
    ...{ pictures: folder, cacheDir, out, seed, threads, monitorEvery: 1 },
    onProgress: view.onProgress,
    async onEpoch(record, encoder) {
      course.loss.push({ x: record.epoch, y: record.loss });
      course.collapsed = record.collapsedLoss;
      Object.assign(newest, { epoch: record.epoch, encoder });
      if (isDue())
        look(record.epoch, await judge("trained", tasks, await encode(tasks, encoder, threads), options));
    },
  });
  const trained = await judge("trained", tasks, await encode(tasks, newest.encoder!, threads), options);
  if (course.copies.at(-1)!.x < newest.epoch) look(newest.epoch, trained);
  return { trained, course, epochs: result.config.epochs, run: result.run, encoder: result.encoder };
}

/** Whether the next score of the tasks is due by the minutes. */
function lookTimes(minutes: number): () => boolean {
  const started = performance.now();
  let looks = 0;
  return () => {
    const due = performance.now() - started >= ((looks + 1) * 60_000 * minutes) / LOOKS;
    if (due) looks += 1;
    return due;
  };
}

interface Ending {
  epochs: number;
  run: string;
  encoder: string | null;
  grid: string;
  plot: string;
  seed: number;
  seconds: number;
}

function report(ways: readonly JudgedWay[], tasks: Tasks, ending: Ending): string {
  const row = (task: string, measure: string, value: (scores: TaskScores) => number): TableRow => ({
    task,
    measure,
    values: ways.map(({ scores }) => value(scores)),
  });
  const pairs = PAIRS.flatMap(([a, b], i) => [
    row(`${a} – ${b}`, "recall@1", ({ artists }) => artists[i]!.at1),
    row(`${a} – ${b}`, "recall@5", ({ artists }) => artists[i]!.at5),
  ]);
  const rows = [
    row("copy detection", "recall@1", ({ copies }) => copies.at1),
    row("copy detection", "recall@5", ({ copies }) => copies.at5),
    ...pairs,
    row("across artists, mean", "recall@1", meanAt1),
    row("across artists, mean", "recall@5", meanAt5),
  ];
  const titles = ways.map(({ title }) => title);
  return `
${textTable(titles, rows, [2, rows.length - 2])}

Copies look for their originals among ${tasks.originals.size} pictures; ${tasks.names.length} emoji look for themselves among another
artist's drawings, both ways. Pixels: 32 × 32, Euclidean distance; networks: features, cosine. Seed ${ending.seed}.

neighbours   ${ending.grid}
course       ${ending.plot}
encoder      ${ending.encoder}
run          ${ending.run}  (${counted(Number(ending.epochs.toFixed(1)), "epoch")}; the whole demo took ${(ending.seconds / 60).toFixed(1)} minutes)
`;
}

function meanAt5({ artists }: TaskScores): number {
  return artists.reduce((sum, { at5 }) => sum + at5, 0) / artists.length;
}

function meanAt1({ artists }: TaskScores): number {
  return artists.reduce((sum, { at1 }) => sum + at1, 0) / artists.length;
}

function print(text: string): void {
  process.stdout.write(text);
}

main().catch((error: unknown) => {
  const usage = error instanceof AfterimageError && error.isUsage;
  const text = usage ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = usage ? 2 : 1;
});
