import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterimage, type Finished, lastObject, makePictures } from "./support.ts";

let folder: string;
let pictures: string;
let env: Record<string, string>;
const TINY = ["--image-size", "16", "--width", "0.0625", "--epochs", "1"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-mistakes-"));
  pictures = await makePictures(join(folder, "pictures"), { perClass: 4, size: 16 });
  env = { AFTERIMAGE_CACHE: join(folder, "cache") };
  await mkdir(join(folder, "empty"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.concurrent("a mistake in the call", () => {
  it.each([
    ["no command", [], /no command is given\. See afterimage --help\./],
    ["an unknown command", ["pretain", "x"], /unknown command 'pretain'. Did you mean pretrain\?/],
    [
      "an unknown command with --help",
      ["pretain", "--help"],
      /unknown command 'pretain'. Did you mean pretrain\?/,
    ],
    [
      "help for an unknown command",
      ["help", "evalute"],
      /unknown command 'evalute'. Did you mean evaluate\?/,
    ],
    ["a command unlike any other", ["qqqq", "-h"], /unknown command 'qqqq'. See afterimage --help\./],
    [
      "an unknown flag",
      ["pretrain", "x", "--epoch", "5"],
      /unknown option '--epoch'\. Did you mean --epochs\?/,
    ],
    [
      "a flag of another program",
      ["pretrain", "x", "--lr", "0.1"],
      /'--lr'\. Did you mean --learning-rate\?/,
    ],
    ["its flag for the batch size", ["pretrain", "x", "--bs=8"], /Did you mean --batch-size\?/],
    ["its flag for the image size", ["pretrain", "x", "--size", "8"], /Did you mean --image-size\?/],
    [
      "a flag unlike any other",
      ["evaluate", "x", "--verbose"],
      /'--verbose'\. See afterimage evaluate --help\./,
    ],
    ["a missing argument", ["pretrain"], /missing required argument 'pictures'/],
    ["a missing flag", ["evaluate", "x"], /required flag is missing \(--data <pictures>\)/],
    ["a mistyped flag that is needed", ["evaluate", "x", "--dta", "y"], /'--dta'\. Did you mean --data\?/],
    ["a flag without its value", ["embed", "r", "x", "--out"], /'--out <file>' argument missing/],
    ["too many words", ["export", "r", "x"], /too many arguments for 'export'/],
    [
      "an unknown method",
      ["pretrain", "x", "--method", "simclear"],
      /one of .*simclr.*\. Did you mean simclr\?/,
    ],
    ["an unknown backbone", ["pretrain", "x", "--backbone", "vit_tyni"], /Did you mean vit_tiny\?/],
    ["an unknown protocol", ["evaluate", "r", "--data", "x", "--protocol", "knm"], /Did you mean knn\?/],
    [
      "a value out of range",
      ["pretrain", "x", "--epochs", "0"],
      /--epochs\); expected a number above 0; got 0/,
    ],
    [
      "a value of another kind",
      ["evaluate", "r", "--data", "x", "--k", "two"],
      /\(--k\); expected a whole number, 1 or more; got two/,
    ],
    [
      "a share of 1",
      ["evaluate", "r", "--data", "x", "--test-share", "1"],
      /\(--test-share\); expected a number above 0 and below 1; got 1/,
    ],
    ["an unknown flag of embed", ["embed", "r", "x", "--outt", "f"], /'--outt'\. Did you mean --out\?/],
    [
      "no threads",
      ["embed", "r", "x", "--out", "f.npy", "--threads", "0"],
      /\(--threads\); expected a whole number, 1 or more; got 0/,
    ],
    [
      "a kind of file that embed does not write",
      ["embed", "r", "x", "--out", "f.txt"],
      /\(--out\); expected a name that ends in \.npy/,
    ],
    ["an unknown flag of export", ["export", "r", "--ops", "17"], /'--ops'\. Did you mean --opset\?/],
    [
      "an operator set that is too new",
      ["export", "r", "--out", "e.onnx", "--opset", "99"],
      /\(--opset\); expected a whole number from 17 to 21; got 99/,
    ],
    ["a flag that inspect does not have", ["inspect", "r", "--out", "x"], /unknown option '--out'/],
    [
      "a patch that does not divide the picture",
      ["pretrain", "none", "--backbone", "vit_tiny", "--image-size", "64", "--patch", "7"],
      /\(--patch\); expected a divisor of the image size 64; got 7/,
    ],
    [
      "an option of another backbone",
      ["pretrain", "none", "--width", "0.5", "--backbone", "vit_tiny"],
      /vit_tiny has no such option \(--width\); got 0\.5/,
    ],
    [
      "a setting out of range",
      ["pretrain", "none", "--set", "temperature=-1"],
      /\(--set temperature\); expected more than 0; got -1/,
    ],
    [
      "a setting of the optimiser that is out of range",
      ["pretrain", "none", "--set", "training.clip=-1"],
      /\(--set training\.clip\); expected more than 0; got -1/,
    ],
    [
      "an unknown setting",
      ["pretrain", "x", "--set", "temprature=1"],
      /settings of simclr.*Did you mean temperature\?/,
    ],
    [
      "a learning rate out of range",
      ["pretrain", "x", "--learning-rate", "-1"],
      /--learning-rate\); expected a number 0 or more; got -1/,
    ],
    ["a single picture", ["pretrain", "README.md"], /not a supported kind of data set.*give the folder/],
    ["a file for a run folder", ["pretrain", "x", "--out", "README.md"], /a file is in its place/],
    [
      "a folder below a file",
      ["pretrain", "x", "--out", "README.md/run"],
      /a file is in its place.*README\.md\. Choose/,
    ],
    ["a run that does not exist", ["export", "none", "--out", "e.onnx"], /there is no such run \(none\)/],
    [
      "far more threads than processors",
      ["pretrain", "none", "--threads", "100000"],
      /so many threads .*\(--threads\); expected at most \d+, because this process may use \d+ processors?; got 100000/,
    ],
    [
      "a word after --resume that is taken for the pictures",
      ["pretrain", "--resume", "none", "--out", "none/run"],
      /no run to resume \(none\/run\).*Use --resume auto/,
    ],
    [
      "another value of --resume",
      ["pretrain", "none", "--resume=no"],
      /--resume\); expected auto, or no value; got no/,
    ],
    [
      "a micro-batch that does not divide the default batch",
      ["pretrain", "none", "--micro-batch", "3"],
      /default batch size is not a multiple.*got 3\. .*--batch-size 129 --micro-batch 3/,
    ],
  ])("is answered by a sentence: %s", async (_name, words, message) => {
    const { status, stdout, stderr } = await afterimage(words, { env });
    expect(stderr.split("\n").find((line) => line.startsWith("afterimage: "))).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  it.each([
    [["--json", "--quiet", "pretrain", "x", "--epoch", "5"], "usage/option"],
    [["--json"], "usage/missing"],
  ])("is data with --json before the command: %j", async (words, code) => {
    expect(lastObject(await afterimage(words))).toMatchObject({ error: { code } });
  });

  it("is data in which flags replace the library's names of options", async () => {
    const words = ["pretrain", "none", "--micro-batch", "3", "--json"];
    expect(lastObject(await afterimage(words, { env }))).toMatchObject({
      error: {
        message: expect.not.stringContaining("`"),
        where: "--micro-batch",
        todo: "Choose a power of two, or set both: --batch-size 129 --micro-batch 3.",
      },
    });
  });

  it("is data with --json", async () => {
    const finished = await afterimage(["pretrain", "x", "--epoch", "5", "--json"]);
    const error = { code: "usage/option", what: "unknown option '--epoch'", todo: "Did you mean --epochs?" };
    expect(lastObject(finished)).toMatchObject({ error });
    expect(finished.status).toBe(2);
  });
});

describe("pictures that cannot be used", () => {
  const pretrain = (path: string, ...words: string[]) =>
    afterimage(["pretrain", path, ...TINY, "--out", join(folder, "run"), "--json", "--quiet", ...words], {
      env,
    });

  it.each([
    ["no folder", "none", "data/missing"],
    ["an empty folder", "empty", "data/empty"],
  ])("are answered by a sentence: %s", async (_name, path, code) => {
    const finished = await pretrain(join(folder, path));
    expect(finished.status).toBe(2);
    expect(lastObject(finished)).toMatchObject({ error: { code, where: expect.stringContaining(path) } });
    expect(finished.stderr).toMatch(/^afterimage: .*\n$/);
  });

  it("are answered by a sentence: fewer than the batch", async () => {
    const finished = await pretrain(pictures, "--batch-size", "16");
    expect(finished).toMatchObject({ status: 2, stderr: expect.stringContaining("at most 12; got 16") });
  });

  it("are skipped, counted and listed if they are broken among good ones", async () => {
    const mixed = await makePictures(join(folder, "mixed"), { perClass: 4, size: 16 });
    await writeFile(join(mixed, "red/empty.jpg"), "");
    await writeFile(join(mixed, "blue/text.png"), "this is no picture");
    const out = join(folder, "mixed-run");
    const finished = await afterimage(["pretrain", mixed, ...TINY, "--out", out], { env });
    expect(finished.status).toBe(0);
    expect(finished.stdout).toContain(`Skipped    2 pictures, listed in ${join(out, "skipped.jsonl")}\n`);
    const listed = (await readFile(join(out, "skipped.jsonl"), "utf8")).trimEnd().split("\n");
    expect(
      listed.map((line) => (JSON.parse(line) as { path: string }).path.replace(/.*mixed\//, "")).sort(),
    ).toEqual(["blue/text.png", "red/empty.jpg"]);
  });
});

describe("pictures that are not used as intended", () => {
  let mixed: string;
  let run: string;
  let trained: Finished;
  beforeAll(async () => {
    mixed = await makePictures(join(folder, "strays"), { perClass: 4, size: 16 });
    await copyFile(join(mixed, "red/0.png"), join(mixed, "stray.png"));
    await writeFile(join(mixed, "phone.heic"), "");
    await writeFile(join(mixed, "red/text.png"), "this is no picture");
    run = join(folder, "strays-run");
    trained = await afterimage(["pretrain", mixed, ...TINY, "--out", run, "--json"], { env });
  }, 60_000);
  const passedOver = expect.stringContaining("ignored 1 other file (1 .heic)");

  it("are reported by pretrain", () => {
    const stray = "labels are not used: 1 of 14 pictures has no label: stray.png";
    const copy = "1 picture has the same pixels as another one (stray.png)";
    expect(lastObject(trained)).toMatchObject({ notes: [passedOver, copy, stray], skipped: 1 });
    expect(trained.stderr).toContain(`note: ${stray}\n`);
  });

  it("are reported by embed, with the skipped pictures", async () => {
    const out = join(folder, "strays.npy");
    const finished = await afterimage(["embed", run, mixed, "--out", out, "--json", "--quiet"], { env });
    const skippedPictures = [{ path: "red/text.png", reason: "not a picture in a supported format" }];
    expect(lastObject(finished)).toMatchObject({ pictures: 13, skipped: 1, skippedPictures });
    expect(finished.stderr).toContain(
      "note: skipped 1 picture: red/text.png (not a picture in a supported format)\n",
    );
  });

  it("are named by evaluate if no labels can be used", async () => {
    const finished = await afterimage(["evaluate", run, "--data", mixed], { env });
    expect(finished).toMatchObject({ status: 2, stderr: expect.stringContaining("no label: stray.png.") });
  });
});

describe("a run that diverges at its last step", () => {
  it("ends with status 1, a sentence and without an encoder", async () => {
    const out = join(folder, "diverged");
    const rate = ["training.optimizer=sgd", "training.learningRate=1e30", "training.warmupEpochs=0"];
    const words = ["--batch-size", "12", "--monitor-every", "0", "--out", out];
    const finished = await afterimage(
      ["pretrain", pictures, ...TINY, ...words, ...rate.flatMap((setting) => ["--set", setting])],
      { env },
    );
    expect(finished.status).toBe(1);
    expect(finished.stderr).toMatch(/^afterimage: .* not finite.*Lower the learning rate.*--force/m);
    expect(await readdir(out)).not.toContain("encoder.onnx");
  });
});

describe("a reader that goes away", () => {
  it("is no error", async () => {
    const { spawnSync } = await import("node:child_process");
    const main = join(import.meta.dirname, "../../src/cli/main.ts");
    const command = `"${process.execPath}" --conditions=source --import tsx "${main}" methods | head -c 1`;
    const { stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^[A-Za-z]$/), stderr: "" });
  });
});
