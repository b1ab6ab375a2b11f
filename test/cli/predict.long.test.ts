import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPictures } from "../../src/data/node/open-pictures.ts";
import { writeTinyClassifier } from "../support/tiny-classifier.ts";
import { TINY } from "../support/tiny-run.ts";
import { afterimage, CLASSES, lastObject, makePictures } from "./support.ts";

let folder: string;
let pictures: string;
let run: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-cli-predict-"));
  pictures = await makePictures(join(folder, "my pictures"), { perClass: 8 });
  run = join(folder, "run");
  env = { AFTERIMAGE_CACHE: join(folder, "cache") };
  const dataset = await openPictures(pictures, {
    ...{ canvas: TINY.canvas, background: "#ffffff", labels: true, cacheDir: join(folder, "cache") },
  });
  try {
    const task = { kind: "classes", names: dataset.classNames! } as const;
    await writeTinyClassifier(run, {
      task,
      answers: { kind: "classes", classes: dataset.labels! },
      pictures: dataset,
    });
  } finally {
    await dataset.close();
  }
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("afterimage predict", () => {
  it("prints a table without a file, or with - as the file", async () => {
    const plain = await afterimage(["predict", run, pictures, "--quiet"], { env });
    expect(plain).toMatchObject({ status: 0, stderr: "" });
    expect(plain.stdout).toMatch(/^picture +label\n/);
    for (const name of CLASSES)
      expect(plain.stdout).toMatch(new RegExp(`\n${name}/0\\.png +${name} +\\d+\\.\\d %\n`));
    expect(plain.stdout).toMatch(/\n\n24 pictures\n$/);
    const dash = await afterimage(["predict", run, pictures, "--out", "-", "--quiet"], { env });
    expect(dash.stdout).toBe(plain.stdout);
    expect(existsSync("-")).toBe(false);
  });

  it("writes a CSV, and says how many pictures are in it", async () => {
    const out = join(folder, "labels.csv");
    const { status, stdout, stderr } = await afterimage(
      ["predict", run, pictures, "--out", out, "--top", "2"],
      { env },
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${out}: 24 pictures\n` });
    expect(stderr).not.toContain("note:");
    const [head, first] = (await readFile(out, "utf8")).split("\r\n");
    expect(head).toBe("name,label,probability,label_2,probability_2,distance,unlike");
    expect(first).toMatch(/^blue\/0\.png,blue,0?\.?\d[\d.e-]*,(?:red|green),[\d.e-]+,[\d.e-]+,false$/);
  });

  it("gives data to programs", async () => {
    const result = lastObject(await afterimage(["predict", run, pictures, "--json", "--quiet"], { env }));
    expect(result).toMatchObject({
      ...{ out: null, pictures: 24, unlike: 0, skipped: 0, notes: [] },
      task: { kind: "classes", names: CLASSES },
    });
    expect((result.predictions as object[])[0]).toEqual({
      ...{ name: "blue/0.png", kind: "classes", distance: expect.any(Number), unlike: false },
      top: [{ label: "blue", probability: expect.any(Number) }],
    });
  });

  it("reads a list of pictures and writes no result over it", async () => {
    const list = join(folder, "list.csv");
    const text = `path\n${join(pictures, "red/1.png")}\n${join(pictures, "blue/2.png")}\n`;
    await writeFile(list, text);
    const { stdout } = await afterimage(["predict", run, list, "--quiet"], { env });
    expect(stdout).toMatch(/red\/1\.png +red .*\n.*blue\/2\.png +blue /);
    const refused = await afterimage(["predict", run, list, "--out", list], { env });
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toContain("the result would overwrite its own input (--out");
    expect(await readFile(list, "utf8")).toBe(text);
  });

  it.each([
    ["a folder that is no run", () => [pictures, pictures], 2, /this folder is no run/],
    [
      "another kind of file",
      () => [run, pictures, "--out", "labels.xlsx"],
      2,
      /ends in \.csv, \.json, \.parquet/,
    ],
    ["no classes at all", () => [run, pictures, "--top", "0"], 2, /--top.*a whole number, 1 or more/],
    ["pictures that are not there", () => [run, join(folder, "gone")], 2, /gone/],
  ])("refuses %s in a sentence", async (_, words, expected, message) => {
    const { status, stdout, stderr } = await afterimage(["predict", ...words()], { env });
    expect({ status, stdout }).toEqual({ status: expected, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {2,}at /m);
  });

  it("names the pictures that it marks as unlike", async () => {
    const odd = join(folder, "odd");
    const sharp = (await import("sharp")).default;
    const { mkdir } = await import("node:fs/promises");
    await mkdir(odd);
    const white = { width: 32, height: 32, channels: 3, background: "#ffffff" } as const;
    const half = await sharp({ create: { ...white, height: 16, background: "#000000" } })
      .png()
      .toBuffer();
    await sharp({ create: white })
      .composite([{ input: half, top: 0, left: 0 }])
      .png()
      .toFile(join(odd, "half.png"));
    const { stdout } = await afterimage(["predict", run, odd, "--quiet"], { env });
    expect(stdout).toMatch(
      /\nhalf\.png +\w+ +\d+\.\d % +unlike\n\n1 picture; 1 unlike all training pictures\n$/,
    );
  });
});
