import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterimage, lastObject, makePictures } from "./support.ts";

let folder: string;
let pictures: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-interruption-"));
  pictures = await makePictures(join(folder, "pictures"), { size: 16 });
  env = { AFTERIMAGE_CACHE: join(folder, "cache") };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const EPOCHS = 25;
const STEPS = EPOCHS * 3;
const TINY = ["--image-size", "16", "--width", "0.0625", "--batch-size", "16", "--epochs", `${EPOCHS}`];
const HERE = ["--threads", "1", "--monitor-every", "0", "--checkpoint-every", "100", "--json"];
const pretrain = (out: string, words: string[], options = {}) =>
  afterimage(["pretrain", pictures, "--out", out, ...words, ...HERE], { env, ...options });

/** Sends a signal at the end of the first epoch, and waits for the end of the run. */
async function pretrainUntil(name: NodeJS.Signals, out: string) {
  let sent = false;
  const onError = (text: string, kill: (signal: NodeJS.Signals) => void) => {
    if (sent || !text.includes(`epoch 1/${EPOCHS}:`)) return;
    sent = true;
    kill(name);
  };
  return pretrain(out, TINY, { onError });
}

describe("a run that gets a signal to stop", () => {
  it("writes a checkpoint, says how to resume, and ends with the same bits as an uninterrupted run", async () => {
    const [whole, out] = [join(folder, "whole"), join(folder, "parts")];
    expect((await pretrain(whole, TINY)).status).toBe(0);
    const stopped = await pretrainUntil("SIGINT", out);
    expect(stopped.status).toBe(130);
    const { steps } = lastObject(stopped) as { steps: number };
    expect(lastObject(stopped)).toMatchObject({ interrupted: true, encoder: null });
    expect(steps).toBeLessThan(STEPS);
    const command = `afterimage pretrain ${pictures} --resume --out ${out} --threads 1 --monitor-every 0`;
    expect(stopped.stderr).toContain(
      `Stopped after ${steps} ${steps === 1 ? "step" : "steps"}. Resume with: ${command}`,
    );
    const resumed = await pretrain(out, ["--resume"]);
    expect(lastObject(resumed)).toMatchObject({ interrupted: false, steps: STEPS });
    const [one, two] = await Promise.all([whole, out].map((run) => readFile(join(run, "encoder.onnx"))));
    expect(one!.equals(two!)).toBe(true);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("does so on %s too", async (signal, status) => {
    const stopped = await pretrainUntil(signal, join(folder, signal));
    expect(stopped).toMatchObject({ status, stderr: expect.stringContaining("Resume with: afterimage") });
    const { steps } = lastObject(stopped) as { steps: number };
    const name = `step-${`${steps}`.padStart(8, "0")}.safetensors`;
    expect(await readdir(join(folder, signal, "checkpoints"))).toContain(name);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends at once on %s before its first step, while the event loop is blocked",
    async (signal) => {
      const out = join(folder, `held-${signal}`);
      const onError = (text: string, kill: (name: NodeJS.Signals) => void) => {
        if (text.includes("hanging")) kill(signal);
      };
      const imports = [resolve(import.meta.dirname, "../support/hang-at-lock.ts")];
      expect(await pretrain(out, TINY, { onError, imports })).toMatchObject({ status: null, signal });
      expect((await pretrain(out, ["--resume", "auto", ...TINY.slice(0, -1), "1"])).status).toBe(0);
      expect((await readdir(out)).sort()).not.toContain("running");
    },
  );
});
