import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterimage, CLASSES, lastObject, makePictures } from "./support.ts";

const TINY_FLAGS = [
  ...["--epochs", "2", "--image-size", "16", "--batch-size", "8", "--width", "0.125", "--threads", "1"],
];

let folder: string;
let pictures: string;
let run: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-cli-finetune-"));
  pictures = await makePictures(join(folder, "pictures"), { perClass: 10 });
  run = join(folder, "run");
  env = { AFTERIMAGE_CACHE: join(folder, "cache") };
  const { status, stderr } = await afterimage(["pretrain", pictures, "--out", run, ...TINY_FLAGS], { env });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const finetune = (...flags: string[]) =>
  afterimage(["finetune", run, pictures, "--threads", "1", ...flags], { env });

describe("afterimage finetune", () => {
  it("prints the scores beside the baselines, and writes a run that predicts and exports", async () => {
    const out = join(folder, "tuned");
    const { status, stdout, stderr } = await finetune("--epochs", "2", "--out", out);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    for (const row of ["fine-tuned", "linear probe", "kNN", "same network from scratch"])
      expect(stdout).toMatch(new RegExp(`^${row} +\\d+\\.\\d % ± \\d`, "m"));
    for (const file of ["config.json", "encoder.onnx", "confusion.png", "result.json"])
      expect(existsSync(join(out, file)), file).toBe(true);
    const labels = join(folder, "labels.csv");
    const predicted = await afterimage(["predict", out, pictures, "--out", labels], { env });
    expect(predicted).toMatchObject({ status: 0, stdout: `${labels}: 30 pictures\n` });
    const rows = (await readFile(labels, "utf8")).trim().split("\r\n").slice(1);
    expect(rows.every((row) => CLASSES.some((name) => name === row.split(",")[1]))).toBe(true);
    const model = join(folder, "model.onnx");
    const exported = await afterimage(["export", out, "--out", model, "--json"], { env });
    expect(lastObject(exported)).toMatchObject({ labels: CLASSES.toSorted(), out: model });
    const evaluated = await afterimage(
      ["evaluate", out, "--data", pictures, "--protocol", "knn", "--json", "--threads", "1"],
      { env },
    );
    expect(lastObject(evaluated)).toMatchObject({ run: out });
  });

  it("learns from few labels and tells which, as JSON for programs", async () => {
    const out = join(folder, "few");
    const finished = await finetune(
      ...["--labels", "3-per-class", "--epochs", "1", "--seeds", "2", "--no-baselines", "--out", out],
      ...["--json", "--quiet"],
    );
    const result = lastObject(finished);
    expect({ status: finished.status, ...result }).toMatchObject({
      status: 0,
      ...{ labelCounts: [3, 3, 3], pictures: { training: 9, validation: 6, test: 0 } },
      ...{ testedOn: "validation", baselines: [], interrupted: false },
    });
    expect(result.seeds).toHaveLength(2);
  });

  it.each([
    [["--labels", "five"], /--labels is no amount of labels; expected a share/],
    [["--labels", "9-per-class"], /too few pictures.*expected 9 pictures; got 8/],
    [["--from-head-layer", "2"], /no such layer of a projection head/],
    [["--set", "mixupp=1"], /Did you mean mixup\?/],
    [["--freeze", "deep"], /--freeze.*expected a whole number, 0 or more, or all/],
  ])("refuses %j in a sentence, and writes nothing", async (flags, message) => {
    const out = join(folder, "refused");
    const { status, stderr } = await finetune("--out", out, ...flags);
    expect({ status, told: message.test(stderr), stack: /\n +at /.test(stderr) }, stderr).toEqual({
      ...{ status: 2, told: true, stack: false },
    });
    expect(existsSync(out)).toBe(false);
  });
});

describe("afterimage evaluate --protocol semi", () => {
  it("has a line for each amount that can be had, and a note for the others", async () => {
    const flags = ["--data", pictures, "--protocol", "semi", "--threads", "1"];
    const { status, stdout, stderr } = await afterimage(["evaluate", run, ...flags], { env });
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^labels +pictures +epochs +fine-tuned +from scratch +linear probe +kNN$/m);
    expect(stdout).toMatch(/^10% +3 /m);
    expect(stdout).toMatch(/^100% +24 /m);
    expect(stderr).toContain("1% of the labels cannot be had");
  });
});
