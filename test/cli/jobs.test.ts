import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeNpy } from "../../src/formats/npy.ts";
import { decodeSafetensors } from "../../src/formats/safetensors.ts";
import { afterimage, CLASSES, type Finished, lastObject, makePictures } from "./support.ts";

let folder: string;
let pictures: string;
let run: string;
let trained: Finished;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-cli-"));
  pictures = await makePictures(join(folder, "my pictures"));
  run = join(folder, "run");
  env = { AFTERIMAGE_CACHE: join(folder, "cache") };
  const sizes = ["--image-size", "32", "--width", "0.125", "--batch-size", "16", "--epochs", "2"];
  trained = await afterimage(["pretrain", pictures, ...sizes, "--seed", "7", "--out", run], { env });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("afterimage pretrain", () => {
  it("ends with the results, their place and the next command", () => {
    expect(trained).toMatchObject({ status: 0 });
    const rows = Object.fromEntries(
      trained.stdout.split("\n").map((line) => [line.split("  ")[0], line.replace(/^\S+( loss)? +/, "")]),
    );
    expect(rows).toMatchObject({
      Run: run,
      Encoder: join(run, "encoder.onnx"),
      Method: "simclr, resnet18, 48 pictures",
      Trained: expect.stringMatching(/^2 epochs, 6 steps in \d+s$/),
      "Last loss": expect.stringMatching(/^\d\.\d+ \(3\.434 at collapse\)$/), // ln 31
      kNN: expect.stringMatching(
        /^\d+\.\d % ± \d+\.\d \(leave-one-out on 48 pictures, k 20, temperature 0\.07\)$/,
      ),
      Health: expect.stringMatching(/^deviation .* effective rank \d+\.\d$/),
      Seed: "7",
      Next: `afterimage evaluate ${run} --data '${pictures}'`,
    });
    expect(rows).not.toHaveProperty("Skipped");
  });

  it("writes progress as plain lines to standard error, one an epoch", () => {
    const lines = trained.stderr.split("\n").filter((line) => line.startsWith("epoch "));
    expect(lines.filter((line) => /^epoch [12]\/2: loss \d/.test(line))).toHaveLength(2);
    expect(trained.stderr).not.toContain("\x1b");
  });

  it("needs no labels: for pictures in one folder, the next command embeds them", async () => {
    const flat = join(pictures, "red");
    const sizes = ["--image-size", "16", "--width", "0.0625", "--epochs", "1"];
    const out = join(folder, "flat");
    const finished = await afterimage(["pretrain", flat, ...sizes, "--out", out, "--quiet"], { env });
    expect(finished).toMatchObject({ status: 0, stderr: "" });
    expect(finished.stdout).toContain(
      `Next       afterimage embed ${out} '${flat}' --out features.parquet\n`,
    );
    expect(finished.stdout).not.toContain("kNN");
  });

  it("takes choices from a file, flags in place of them, and settings by --set", async () => {
    const config = join(import.meta.dirname, "choices.json");
    const out = join(folder, "from-file");
    const words = [
      "--config",
      config,
      "--epochs",
      "1",
      "--set",
      "temperature=0.3",
      "--set",
      "training.clip=1",
      "--learning-rate",
      "0.125",
    ];
    const finished = await afterimage(["--json", "pretrain", pictures, ...words, "--out", out, "--quiet"], {
      env,
    });
    expect(finished).toMatchObject({ status: 0, stderr: "" });
    expect(lastObject(finished)).toMatchObject({
      run: out,
      interrupted: false,
      steps: 3,
      skipped: 0,
      config: {
        method: { name: "simclr", settings: { temperature: 0.3, projectionOut: 16 } },
        backbone: { name: "resnet18", settings: { width: 8, stem: "cifar" } },
        training: { clip: 1, weightDecay: 0.001, learningRate: 0.125 },
        epochs: 1,
        batchSize: 16,
        imageSize: 32,
      },
      epochs: [{ epoch: 1, knn: null }],
    });
  });
});

describe("afterimage evaluate", () => {
  it("compares pixels, the untrained and the trained network, and says how to repeat it", async () => {
    const words = ["--data", pictures, "--k", "5", "--test-share", "0.25", "--seed", "1"];
    const { status, stdout } = await afterimage(["evaluate", run, ...words], { env });
    expect(status).toBe(0);
    expect(stdout).toMatch(/\n +pixels +untrained +trained +chance +tested on\n/);
    for (const name of ["kNN accuracy", "linear probe accuracy", "retrieval recall@1", "retrieval mAP"])
      expect(stdout).toMatch(
        new RegExp(`\n${name}( +\\d+\\.\\d % ± \\d+\\.\\d){3} +\\d+\\.\\d % +(12|48)\n`),
      );
    expect(stdout).toMatch(/\nkNN accuracy .* 33\.3 % +12\n/);
    for (const name of ["NMI", "AMI", "ARI", "accuracy"])
      expect(stdout).toMatch(new RegExp(`\nclusters ${name}( +-?\\d+\\.\\d %){4} +48\n`));
    expect(stdout).toMatch(/\nClusters: k-means with k 3 on all pictures;/);
    const difference = / {2}[+-]\d+\.\d ± \d+\.\d, (better|worse|not clear)/.source;
    expect(stdout).toMatch(/\ntrained minus +pixels +untrained +chance\n/);
    expect(stdout).toMatch(new RegExp(`\nkNN accuracy +(${difference} *){3}\n`));
    expect(stdout).toMatch(new RegExp(`\nretrieval mAP +(${difference} *){2}\n`));
    expect(stdout).toMatch(/\ncompared by +euclidean +cosine +cosine\n/);
    expect(stdout).toContain("Pixels: 32 × 32.");
    expect(stdout).toContain("k 5, temperature 0.07");
    expect(stdout).toContain("36 training and 12 test pictures (share 0.25 of each class), seed 1");
    const protocols = "--protocol knn,linear,retrieval,clusters --k 5 --temperature 0.07 --clusters 3";
    const repeated = `${protocols} --test-share 0.25 --seed 1`;
    expect(stdout).toContain(`afterimage evaluate ${run} --data '${pictures}' ${repeated}\n`);
  });

  it("says if there are fewer neighbours than asked for", async () => {
    const words = ["evaluate", run, "--data", pictures, "--protocol", "knn,knn", "--k", "500"];
    const { stdout } = await afterimage(words, { env });
    expect(stdout).toContain("kNN: k 500 (only 47 available),");
    expect(stdout.match(/^kNN: /gm)).toHaveLength(1);
    expect(stdout).toContain("--protocol knn --k 500 --temperature 0.07 --seed 0\n");
    expect(stdout).toContain("Few pictures, so all are tested: kNN leaves one out");
  });

  it("gives the scores of the chosen protocols only, as data", async () => {
    const words = ["evaluate", run, "--data", pictures, "--protocol", "knn", "--json", "--quiet"];
    const finished = await afterimage(words, { env });
    expect(finished).toMatchObject({ status: 0, stderr: "" });
    const result = lastObject(finished);
    expect(result).toMatchObject({
      run,
      data: pictures,
      protocol: {
        k: 20,
        voters: 20,
        temperature: 0.07,
        step: 6,
        classes: 3,
        pixelSide: 32,
        metrics: { pixels: "euclidean", untrained: "cosine", trained: "cosine" },
      },
      chance: { knn: { accuracy: expect.closeTo(1 / 3) } },
    });
    for (const column of ["pixels", "untrained", "trained"])
      expect(Object.keys(result[column] as object).sort()).toEqual(["health", "knn"]);
  });
});

describe("afterimage embed", () => {
  it("writes the same features as .npy, .safetensors and .parquet", async () => {
    const outs = ["npy", "safetensors", "parquet"].map((ending) => join(folder, `features.${ending}`));
    for (const out of outs) {
      const finished = await afterimage(["embed", run, pictures, "--out", out, "--json"], { env });
      expect(lastObject(finished)).toEqual({
        out,
        names: out.endsWith(".npy") ? join(folder, "features.names.json") : null,
        pictures: 48,
        features: 64,
        skipped: 0,
        skippedPictures: [],
        notes: [],
      });
    }
    const [npy, safetensors, parquet] = await Promise.all(outs.map((out) => readFile(out)));
    const plain = decodeNpy(npy!);
    expect(plain.shape).toEqual([48, 64]);
    const { arrays, metadata } = decodeSafetensors(safetensors!);
    const same = (data: ArrayLike<unknown>) => plain.data.every((value, at) => value === data[at]);
    expect(same(arrays.get("features")!.data)).toBe(true);
    const { buffer, byteOffset, byteLength } = parquet!;
    const rows = await parquetReadObjects({
      file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
    });
    expect(same(rows.flatMap(({ features }) => features as number[]))).toBe(true);
    expect(rows.map(({ name }) => name)).toEqual(JSON.parse(metadata.names!));
    expect(rows.map(({ name }) => name)).toContain(`${CLASSES[2]}/3.png`);
    expect(rows.map(({ label }) => label)).toEqual([...arrays.get("labels")!.data]);
    expect(JSON.parse(metadata.classes!)).toEqual(CLASSES);
    const named = JSON.parse(await readFile(join(folder, "features.names.json"), "utf8"));
    expect(named.names).toEqual(rows.map(({ name }) => name));
    expect(named.labels).toEqual(rows.map(({ label }) => label));
    expect(rows.map((row) => row.class)).toEqual(rows.map(({ name }) => (name as string).split("/")[0]));
  });
});

describe("afterimage export and inspect", () => {
  it("writes the run's last encoder, and shows its contents", async () => {
    const out = join(folder, "encoder.onnx");
    const exported = await afterimage(["export", run, "--out", out], { env });
    expect(exported.stdout).toBe(
      `${out}: resnet18 after step 6, pictures of 32 × 32 to 64 features; opset 17\n`,
    );
    expect((await readFile(out)).equals(await readFile(join(run, "encoder.onnx")))).toBe(true);
    const model = await afterimage(["inspect", out], { env });
    expect(model.stdout).toMatch(/outputs {2}features \[batch, 64\]/);
    expect(model.stdout).toMatch(/\nconv1\.weight +\[8, 3, 3, 3\] +216\n/);
    expect(model.stdout).toMatch(/\noperators: .*Conv 20/);
    const whole = lastObject(await afterimage(["inspect", run, "--json"], { env }));
    expect(whole).toMatchObject({ step: 6, config: { seed: 7, method: { name: "simclr" } } });
  });
});

describe("afterimage predict", () => {
  it("refuses a run that was pre-trained only, and writes nothing", async () => {
    const out = join(folder, "labels.csv");
    const { status, stdout, stderr } = await afterimage(["predict", run, pictures, "--out", out], { env });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(
      /^afterimage: this run was pre-trained only.*Fine-tune it first, with labelled pictures\.\n$/,
    );
    await expect(readFile(out)).rejects.toThrow("ENOENT");
  });
});

describe("a run whose newest checkpoint is damaged", () => {
  let damaged: string;
  beforeAll(async () => {
    damaged = join(folder, "damaged");
    await cp(run, damaged, { recursive: true });
    await writeFile(join(damaged, "checkpoints/step-00000006.safetensors"), "cut short");
  });
  const note = expect.stringMatching(/^passed over .*step-00000006\.safetensors: ./);

  it.each([
    ["evaluate", () => ["--data", pictures, "--protocol", "knn"], { protocol: { step: 3 } }],
    ["export", () => ["--out", join(folder, "older.onnx")], { step: 3 }],
    ["inspect", () => [], { step: 3 }],
  ])(
    "is read by %s at the checkpoint before, and a note says so even with --quiet",
    async (command, words, result) => {
      const finished = await afterimage([command, damaged, ...words(), "--json", "--quiet"], { env });
      expect(lastObject(finished)).toMatchObject({ ...result, notes: [note] });
      expect(finished.stderr).toMatch(/^note: passed over .*step-00000006\.safetensors: .*\n$/);
    },
  );
});

describe("afterimage methods and backbones", () => {
  it("list methods with papers and defaults, and backbones", async () => {
    const methods = await afterimage(["methods"]);
    expect(methods.stdout).toMatch(
      /\nsimclr \(SimCLR\): .*\n.*2020.*arXiv 2002\.05709\n +backbones: resnet18, .*\n +settings: temperature 0\.1, /,
    );
    expect(methods.stdout).toMatch(/\ndino \(DINO\): .*\n.*2021.*arXiv 2104\.14294\n +backbones: vit_tiny, /);
    const one = await afterimage(["methods", "mae"]);
    expect(one.stdout).toMatch(
      /^mae \(MAE\): .*\n.*\n +backbones: vit_tiny, vit_small, vit_base\n +maskRatio +0\.75 +\w/,
    );
    expect((await afterimage(["methods", "simclear"])).status).toBe(2);
    const { backbones } = lastObject(await afterimage(["backbones", "--json"])) as { backbones: object[] };
    // The number of torchvision's ResNet-18 without its last layer.
    expect(backbones[0]).toMatchObject({ name: "resnet18", features: 512, parameters: 11_176_512 });
  });
});
