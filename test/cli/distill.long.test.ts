import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPictures } from "../../src/data/node/open-pictures.ts";
import { writeTinyClassifier } from "../support/tiny-classifier.ts";
import { TINY } from "../support/tiny-run.ts";
import { afterimage, lastObject, makePictures } from "./support.ts";

let folder: string;
let pictures: string;
let teacher: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-cli-distill-"));
  pictures = await makePictures(join(folder, "my pictures"), { perClass: 12 });
  teacher = join(folder, "teacher");
  env = { AFTERIMAGE_CACHE: join(folder, "cache") };
  const dataset = await openPictures(pictures, {
    ...{ canvas: TINY.canvas, background: "#ffffff", labels: true, cacheDir: join(folder, "cache") },
  });
  try {
    await writeTinyClassifier(teacher, {
      task: { kind: "classes", names: dataset.classNames! },
      answers: { kind: "classes", classes: dataset.labels! },
      pictures: dataset,
    });
  } finally {
    await dataset.close();
  }
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const distil = (...more: string[]) => afterimage(["distill", teacher, pictures, "--quiet", ...more], { env });
const TINY_STUDENT = ["--backbone", "resnet18", "--width", "0.0625", "--batch-size", "8", "--epochs", "1"];

describe("afterimage distill", () => {
  it("prints student and teacher on the same pictures, and what comes next", async () => {
    const out = join(folder, "student");
    const { status, stdout, stderr } = await distil("--out", out, ...TINY_STUDENT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Tested on 6 pictures of the validation part.*: 3 classes\n/);
    expect(stdout).toMatch(
      /\n +accuracy +student minus it\nstudent +\d+\.\d % ± \d+\.\d\nteacher +100\.0 % /,
    );
    expect(stdout).toMatch(/\nPictures +30 pictures train, 6 for validation\n/);
    expect(stdout).toMatch(/\nAs the teacher +\d+\.\d % of the tested pictures get the same class\n/);
    expect(stdout).toMatch(/\nNext +afterimage predict .*student '.*my pictures' --out labels\.csv\n$/);
  });

  it("gives the result as one object, and settings by --set", async () => {
    const out = join(folder, "other");
    const more = ["--json", "--temperature", "2", "--label-weight", "0.25", "--set", "average=0.5"];
    const finished = await distil("--out", out, ...TINY_STUDENT, ...more);
    expect(finished.status).toBe(0);
    expect(lastObject(finished)).toMatchObject({
      ...{ run: out, interrupted: false, testedOn: "validation", pictures: { training: 30, labelled: 30 } },
      config: { method: { settings: { temperature: 2, labelWeight: 0.25, average: 0.5 } } },
      teacher: { baseline: "teacher" },
    });
  });

  it.each([
    [["--label-weight", "1"], 2, /--label-weight\); expected a number 0 or more and below 1; got 1/],
    [["--temperature", "0"], 2, /--temperature\); expected a number above 0; got 0/],
    [["--from", "nowhere"], 2, /there is no such run \(nowhere\)/],
    [["--set", "teacher.run=1"], 2, /teacher\.run/],
  ])("refuses %j in a sentence, and writes nothing", async (words, status, sentence) => {
    const out = join(folder, "refused");
    const result = await distil("--out", out, ...words);
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(sentence);
    expect(result.stderr).not.toMatch(/\n +at /);
    expect(existsSync(out)).toBe(false);
  });
});
