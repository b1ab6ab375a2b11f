/**
 * The steps of a ResNet and of a ViT on WebGPU have the losses that they have on the CPU. They run on an
 * adapter in software if there is one (SwiftShader, which comes with Chromium, or lavapipe of Mesa 23 and
 * later), otherwise on the system's adapter. Without any adapter the tests are skipped and print a line.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dialectOf } from "../src/runtime/dialect.ts";
import { supportedProviders } from "../src/runtime/session.ts";
import { relativeError } from "./support/probe.ts";
import { native, SMALL_STEP_CASES, stepLosses } from "./support/step-losses.ts";

const ROOT = resolve(import.meta.dirname, "..");
const SCRIPT = join(ROOT, "test/support/step-process.ts");

/** The second loss is that of weights that gradients and the optimiser have changed. */
const STEPS = 2;
/**
 * Software is slow, and other work may slow it down further. Tests that do not finish in time are skipped.
 */
const LIMIT = 55_000;

/**
 * The places where distributions put the description of Chromium's SwiftShader, which Vulkan's loader does
 * not find.
 */
const SWIFTSHADER = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

type Environment = Readonly<Record<string, string>>;

/** Today's loaders read the first variable, older ones the second. */
const onlyDriver = (file: string): Environment => ({ VK_DRIVER_FILES: file, VK_ICD_FILENAMES: file });

interface Answer {
  losses?: number[];
  /** The reason if there are no losses. */
  refused?: string;
}

/** @throws Error with the process's output if it failed for another reason than its driver. */
function ask(words: readonly string[], env: Environment, limit: number): Promise<Answer> {
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", SCRIPT, ...words], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: Math.max(1, Math.ceil(limit)),
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (status, signal) => {
      if (signal === "SIGKILL") done({ refused: "it did not answer in time" });
      else if (signal !== null) done({ refused: `its driver ended the process by ${signal}` });
      else if (status === 0) done(JSON.parse(stdout) as Answer);
      else failed(new Error(stderr));
    });
  });
}

async function findAdapter(): Promise<Environment | string> {
  const chosen = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  const software = chosen === undefined ? SWIFTSHADER.filter(existsSync).map(onlyDriver) : [];
  let why = "";
  for (const env of [...software, {}]) {
    const { refused } = await ask(["webgpu"], env, LIMIT / 4);
    if (refused === undefined) return env;
    why = refused;
  }
  return why;
}

const begun = performance.now();
let adapter: Environment | string;
const told = new Set<string>();

/** Skips a test that cannot run here. Each reason is printed once. */
function passOver(skip: (note?: string) => never, why: string): never {
  if (!told.has(why)) process.stderr.write(`WebGPU is not tested here: ${why}\n`);
  told.add(why);
  return skip(why);
}

describe("WebGPU", () => {
  beforeAll(async () => {
    adapter = await findAdapter();
  }, 2 * LIMIT);

  it.for(Object.entries(SMALL_STEP_CASES))(
    "gives the steps of %s the losses of the CPU",
    async ([name, choices], { skip }) => {
      if (typeof adapter === "string") passOver(skip, adapter);
      const left = LIMIT - (performance.now() - begun);
      const { losses, refused } = await ask(["webgpu", name, `${STEPS}`], adapter, left);
      if (losses === undefined) passOver(skip, `${name}: ${refused}`);
      const reference = await stepLosses(choices, await dialectOf(), native(), STEPS);
      expect(new Set(reference).size).toBe(STEPS);
      expect(relativeError(losses, reference)).toBeLessThan(1e-4);
    },
  );

  const isOnVulkan =
    process.platform === "linux" && supportedProviders().some(({ name }) => name === "webgpu");
  it.runIf(isOnVulkan)("is refused with the runtime's reason if there is no adapter", async () => {
    const { refused } = await ask(["webgpu"], onlyDriver("/dev/null"), LIMIT);
    expect(refused).toMatch(/webgpu cannot be used .*; got Failed to get a WebGPU adapter/);
  });
});
