/** Views per second: SimCLR's augmentation in the graph, compared with torchvision's on PIL pictures. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { augmentViews, drawViewParameters, PARAMETER_COUNT, simclrViews } from "afterimage/augment";
import { randomStream } from "afterimage/random";
import { createSession, dialectOf } from "afterimage/runtime";
import { compile, input, mean } from "afterimage/tensor";
import { alignColumns, median } from "./table.ts";

interface AugmentCase {
  pictures: number;
  /** Side of the stored pictures and of the views. */
  canvas: number;
  size: number;
}

const CASES: readonly AugmentCase[] = [
  { pictures: 128, canvas: 48, size: 32 },
  { pictures: 64, canvas: 144, size: 96 },
  { pictures: 32, canvas: 336, size: 224 },
];

export interface AugmentRow extends AugmentCase {
  /** Views per second, with new parameters for every batch. */
  ours: number;
  /** Views per second of as many processes as threads; null if Python has no torchvision. */
  torchvision: number | null;
}

export async function measureAugmentation(options: {
  threads: number;
  runs: number;
  python: string;
}): Promise<AugmentRow[]> {
  const rows: AugmentRow[] = [];
  for (const augmentCase of CASES) {
    const ours = await oursPerSecond(augmentCase, options);
    rows.push({ ...augmentCase, ours, torchvision: torchvisionPerSecond(augmentCase, options) });
  }
  return rows;
}

async function oursPerSecond(
  { pictures, canvas, size }: AugmentCase,
  { threads, runs }: { threads: number; runs: number },
): Promise<number> {
  const specs = simclrViews({ size, blur: true });
  const parameters = specs.map((_, v) => input(`view.${v}`, [pictures, PARAMETER_COUNT]));
  const views = augmentViews(input("pictures", [pictures, 3, canvas, canvas], "uint8"), parameters, specs);
  // Only one number leaves the graph, as in a training step.
  const program = compile({ mean: mean(views) }, await dialectOf());
  const session = await createSession(program, { threads });
  const stored = new Uint8Array(pictures * 3 * canvas ** 2).map((_, i) => (i * 2654435761) >>> 24);
  const times: number[] = [];
  for (let run = -2; run < runs; run++) {
    const start = performance.now();
    const feeds = specs.map((spec, v) => {
      const drawn = new Float32Array(pictures * PARAMETER_COUNT);
      for (let i = 0; i < pictures; i++) {
        const random = randomStream(run + 2, `view/${v}`, 0, i);
        drawViewParameters(spec, { height: canvas, width: canvas }, random, drawn, i * PARAMETER_COUNT);
      }
      return [`view.${v}`, drawn];
    });
    await session.run({ pictures: stored, ...Object.fromEntries(feeds) });
    if (run >= 0) times.push(performance.now() - start);
  }
  await session.release();
  return (specs.length * pictures) / (median(times) / 1000);
}

function torchvisionPerSecond(
  { canvas, size }: AugmentCase,
  { threads, python }: { threads: number; python: string },
): number | null {
  const script = fileURLToPath(new URL("./torch/augment.py", import.meta.url));
  const { status, stdout } = spawnSync(python, [script, `${canvas}`, `${size}`, `${threads}`], {
    encoding: "utf8",
  });
  return status === 0 ? Number(stdout) : null;
}

export function augmentTable(rows: readonly AugmentRow[]): string {
  const cell = (value: number | null) => (value === null ? "–" : value.toFixed(0));
  const lines = rows.map(({ canvas, size, ours, torchvision }) => [
    `${size}×${size} from ${canvas}×${canvas}`,
    cell(ours),
    cell(torchvision),
    torchvision === null ? "–" : (ours / torchvision).toFixed(1),
    "",
  ]);
  const title = "SimCLR's views (crop, flip, jitter, greyscale, blur), views a second";
  return [title, ...alignColumns([["view", "ours", "torchvision", "times", ""], ...lines])].join("\n");
}
