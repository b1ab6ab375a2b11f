/** The built command as a child process, and pictures for it to read. */
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { randomStream } from "../../src/random/random-stream.ts";

export const CLASSES = ["blue", "green", "red"] as const;
/** Red, green and blue of each class. */
const COLOURS = { blue: [40, 60, 200], green: [50, 180, 60], red: [210, 50, 40] } as const;

export interface Finished {
  status: number | null;
  /** The signal that ended the process; null if it ended normally. */
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CallOptions {
  /** Called when the process has started. */
  onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with all of standard error so far, each time it grows. */
  onError?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  env?: Readonly<Record<string, string>>;
  /** Modules of the process that are loaded before the command. */
  imports?: readonly string[];
  /** Shell commands to run in the process first, for example to set its limits. */
  prelude?: string;
}

const ROOT = resolve(import.meta.dirname, "../..");
const MAIN = join(ROOT, "dist/cli/main.js");

/** Runs `afterimage` with these words and waits for its end. */
export function afterimage(
  words: readonly string[],
  { onStart, onError, env = {}, imports = [], prelude }: CallOptions = {},
): Promise<Finished> {
  const loaded = (imports.length === 0 ? [] : ["tsx", ...imports]).flatMap((name) => ["--import", name]);
  const call = [process.execPath, ...loaded, MAIN, ...words];
  const [command, ...rest] =
    prelude === undefined ? call : ["/bin/sh", "-c", `${prelude}; exec "$0" "$@"`, ...call];
  const child = spawn(command!, rest, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onStart?.((signal) => child.kill(signal));
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onError?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (status, signal) => done({ status, signal, stdout, stderr }));
  });
}

/** The object on the last line of standard output. */
export function lastObject({ stdout }: Finished): Record<string, unknown> {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

/** Noisy pictures of one colour for each class, `perClass` in each sub-folder. */
export async function makePictures(folder: string, { perClass = 16, size = 32 } = {}): Promise<string> {
  for (const [label, name] of CLASSES.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let index = 0; index < perClass; index++) {
      const pixels = noisyPixels(COLOURS[name], size, label * perClass + index);
      const picture = sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
      await picture.png().toFile(join(folder, name, `${index}.png`));
    }
  }
  return folder;
}

function noisyPixels(colour: readonly number[], size: number, index: number): Uint8Array {
  const random = randomStream(0, "test/cli", 0, index);
  return Uint8Array.from({ length: 3 * size * size }, (_, at) => {
    return Math.min(255, Math.max(0, colour[at % 3]! + random.integer(-40, 40)));
  });
}
