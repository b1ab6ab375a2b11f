import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "../examples");

async function runExample(name: string, words: string[], env: Record<string, string> = {}): Promise<string> {
  const flags = ["--conditions=source", "--import", "tsx", join(folder, name), ...words];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { env: { ...process.env, ...env } });
  return stdout;
}

describe("the examples", () => {
  it("are short, and each is run here", async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(".ts")).sort();
    expect(files).toEqual([
      "cpc-sequences.ts",
      "n-gram.ts",
      "neuron-bias.ts",
      "own-backbone.ts",
      "own-method.ts",
      "own-network.ts",
      "pretrain-and-search.ts",
      "two-spirals.ts",
    ]);
    for (const name of files) {
      const text = await readFile(join(folder, name), "utf8");
      expect(text.split("\n").length, name).toBeLessThan(80);
    }
  });

  it("own-network learns the exclusive or", async () => {
    const answers = /answers (.+)/
      .exec(await runExample("own-network.ts", []))![1]!
      .split(" ")
      .map(Number);
    for (const [i, wanted] of [0, 1, 1, 0].entries())
      expect(Math.abs(answers[i]! - wanted)).toBeLessThan(0.1);
  });

  it("neuron-bias learns AND with a bias, cannot without, and draws both lines", async () => {
    const output = await runExample("neuron-bias.ts", []);
    const [, learned, failed] = /^with bias: (\d) of 4.*^without bias: (\d) of 4/ms.exec(output)!.map(Number);
    expect(learned).toBe(4);
    expect(failed).toBeLessThan(4);
    expect(output.match(/^[#.01]{25}$/gm)).toHaveLength(26);
  });

  it("two-spirals separates two spirals", async () => {
    const output = await runExample("two-spirals.ts", []);
    expect(Number(/step 400: .*accuracy (\d\.\d+)/.exec(output)![1])).toBeGreaterThan(0.95);
  });

  it.each([
    ["own-method", "a method"],
    ["own-backbone", "a backbone"],
  ])("%s trains, evaluates and exports %s of one's own", async (name) => {
    const place = await mkdtemp(join(tmpdir(), "afterimage-examples-"));
    try {
      for (const half of ["a", "b"]) await drawPictures(join(place, "pictures", half));
      const cache = { AFTERIMAGE_CACHE: join(place, "cache") };
      const words = [join(place, "pictures"), join(place, "run"), "2"];
      const output = await runExample(`${name}.ts`, words, cache);
      expect(output).toMatch(/kNN \d\.\d+ \(pixels \d\.\d+\); .*encoder\.onnx/);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });

  it("cpc-sequences learns to distinguish the shapes of waves better than the untrained network", async () => {
    const [, before, after] = /known (\d\.\d+) → (\d\.\d+)/.exec(await runExample("cpc-sequences.ts", []))!;
    expect(Number(after)).toBeGreaterThan(Number(before) + 0.1);
  });

  it("n-gram smooths counts, and trains a network that predicts better than adding to them", async () => {
    const output = await runExample("n-gram.ts", []);
    const found = [...output.matchAll(/^(.+?) +perplexity (\d+\.\d)/gm)].map(([, name, value]) => [
      name!,
      Number(value),
    ]);
    const perplexities = Object.fromEntries(found) as Record<string, number>;
    expect(found).toHaveLength(7);
    const added = perplexities["add 0.01"]!;
    expect(perplexities["modified Kneser–Ney"]).toBeLessThan(0.6 * added);
    for (const name of ["softmax", "nce, unigram^0.75", "nce, log-uniform", "info-nce, unigram^1"])
      expect(perplexities[name], name).toBeLessThan(added);
    expect(output).toMatch(/\ndrawn: .+\n$/);
  });

  it("pretrain-and-search finds the picture itself first", async () => {
    const place = await mkdtemp(join(tmpdir(), "afterimage-examples-"));
    try {
      await drawPictures(join(place, "pictures"));
      const cache = { AFTERIMAGE_CACHE: join(place, "cache") };
      const output = await runExample("pretrain-and-search.ts", [join(place, "pictures"), "1"], cache);
      expect(output).toMatch(/epoch 1: loss \d\.\d{3}/);
      expect(output).toMatch(/\n1\.000 {2}0\.png\n/);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });
});

/** Sixteen one-coloured pictures. */
async function drawPictures(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  for (let i = 0; i < 16; i++) {
    const background = { r: i * 16, g: 255 - i * 16, b: (i * 64) % 256 };
    await sharp({ create: { width: 32, height: 32, channels: 3, background } })
      .png()
      .toFile(join(path, `${i}.png`));
  }
}
