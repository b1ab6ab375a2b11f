import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyClassifier } from "../../test/support/tiny-classifier.ts";
import { TINY, TINY_SIMCLR, tinyPictures } from "../../test/support/tiny-run.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { probabilities } from "../evaluate/predictions/probabilities.ts";
import { decodeModel } from "../onnx/model.ts";
import { predictLogits } from "../transfer/classifier.ts";
import type { Answers, LabelTask } from "../transfer/label-task.ts";
import { embed } from "./embed.ts";
import { exportEncoder } from "./export-encoder.ts";
import { inspect } from "./inspect.ts";
import { openClassifier } from "./open-classifier.ts";
import { predict } from "./predict.ts";
import { pretrain } from "./pretrain.ts";

let folder: string;
const pictures = tinyPictures(48);
const labels = pictures.labels!;
const rowsOf = (cell: (row: number, column: number) => number) => ({
  ...{ rows: pictures.size, cols: 2 },
  data: Float32Array.from({ length: 2 * pictures.size }, (_, at) => cell(Math.floor(at / 2), at % 2)),
});

const KINDS: Record<LabelTask["kind"], { task: LabelTask; answers: Answers }> = {
  classes: {
    task: { kind: "classes", names: ["=red", "green", "-1"] },
    answers: { kind: "classes", classes: labels },
  },
  several: {
    task: { kind: "several", names: ["warm", "name"] },
    answers: {
      kind: "several",
      rows: rowsOf((row, c) => (labels[row] === 0 || (c === 1 && labels[row] === 1) ? 1 : 0)),
    },
  },
  numbers: {
    task: { kind: "numbers", names: ["age", "height"], scale: { mean: [40, 1.5], deviation: [10, 0.25] } },
    answers: {
      kind: "numbers",
      rows: rowsOf((row, c) => (c === 0 ? 30 + 10 * labels[row]! : 1.25 + 0.25 * labels[row]!)),
    },
  },
};
const runOf = (kind: LabelTask["kind"]) => join(folder, kind);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-predict-"));
  for (const [kind, known] of Object.entries(KINDS))
    await writeTinyClassifier(join(folder, kind), { ...known, pictures });
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A data set of which no picture may be read. */
const untouched: PictureDataset = {
  ...pictures,
  readBatch: () => Promise.reject(new Error("a picture was read")),
};

describe("predict", () => {
  it("gives the most probable classes, calibrated, and the distance to the training pictures", async () => {
    const run = runOf("classes");
    const { predictions, ...result } = await predict({ run, pictures, top: 2, threads: 1 });
    expect(result).toMatchObject({ out: null, pictures: 48, unlike: 0, skipped: 0, notes: [] });
    const classifier = await openClassifier(run, () => {});
    const { logits } = await predictLogits(pictures, { ...classifier, threads: 1 });
    const chances = probabilities(logits, classifier.temperature);
    for (const [row, one] of predictions!.entries()) {
      if (one.kind !== "classes") throw new Error(one.kind);
      expect(one).toMatchObject({ name: pictures.names[row], unlike: false });
      // Each picture is among those that trained.
      expect(one.distance).toBeLessThan(1e-5);
      expect(one.top).toHaveLength(2);
      expect(one.top[0]!.label).toBe(KINDS.classes.task.names[labels[row]!]);
      expect(one.top[0]!.probability).toBeCloseTo(chances.data[row * 3 + labels[row]!]!, 6);
      expect(one.top[1]!.probability).toBeLessThan(one.top[0]!.probability);
    }
  });

  it("marks what is unlike all training pictures", async () => {
    const canvas = TINY.canvas;
    const odd = tinyPictures(3);
    const plain: PictureDataset = {
      ...odd,
      readBatch: async (indices, out) => {
        // A large white area on black, where the others are noise of one colour.
        for (let at = 0; at < out.length; at++) out[at] = at % canvas ** 2 < canvas ** 2 / 2 ? 255 : 0;
        expect(out).toHaveLength(indices.length * 3 * canvas ** 2);
      },
    };
    const { unlike, unlikeAbove, predictions } = await predict({
      run: runOf("classes"),
      pictures: plain,
      threads: 1,
    });
    expect(unlike).toBe(3);
    expect(predictions!.every(({ distance }) => distance! > unlikeAbove!)).toBe(true);
  });

  it("writes a CSV whose names and labels no spreadsheet takes for formulas, and says so", async () => {
    const names = pictures.names.map((name, at) =>
      at === 0 ? "=cmd.png" : at === 1 ? 'a, "b"\n.png' : name,
    );
    const out = join(folder, "new/labels.CSV");
    const result = await predict({
      run: runOf("classes"),
      pictures: { ...pictures, names },
      out,
      top: 9,
      threads: 1,
    });
    expect(result).toMatchObject({ out, predictions: null });
    expect(result.notes).toEqual([
      "this run knows 3 classes, so these are all",
      `names that a spreadsheet would take for formulas begin with ./ in ${out} (1)`,
      `labels that a spreadsheet would take for formulas begin with ' in ${out} (1)`,
    ]);
    const text = await readFile(out, "utf8");
    const lines = text.split("\r\n");
    expect(lines[0]).toBe(
      "name,label,probability,label_2,probability_2,label_3,probability_3,distance,unlike",
    );
    expect(lines[1]).toMatch(
      /^\.\/=cmd\.png,'=red,[\d.e-]+,(?:green|-1),[\d.e-]+,(?:green|-1),[\d.e-]+,[\d.e-]+,false$/,
    );
    expect(lines[2]).toMatch(/^"a, ""b""\n\.png",green,/);
    expect(lines).toHaveLength(50);
    expect(lines.at(-1)).toBe("");
  });

  it("gives several labels above a half, with the probability of each", async () => {
    const run = runOf("several");
    const out = join(folder, "several.csv");
    const { notes } = await predict({ run, pictures, out, top: 2, threads: 1 });
    expect(notes).toEqual(["`top` has no effect: this run does not predict one class a picture"]);
    const [head, ...lines] = (await readFile(out, "utf8")).split("\r\n");
    expect(head).toBe("name,labels,warm,predicted name,distance,unlike");
    const expected = ["warm|name", "name", ""];
    for (const [row, label] of labels.entries()) expect(lines[row]!.split(",")[1]).toBe(expected[label]);
    const { predictions } = await predict({ run, pictures, threads: 1 });
    expect(predictions![0]).toMatchObject({
      kind: "several",
      labels: ["warm", "name"],
      probabilities: [expect.any(Number), expect.any(Number)],
    });
  });

  it("gives numbers in the units of the labels", async () => {
    const { predictions } = await predict({ run: runOf("numbers"), pictures, threads: 1 });
    for (const [row, one] of predictions!.entries()) {
      if (one.kind !== "numbers") throw new Error(one.kind);
      expect(Math.abs(one.numbers[0]! - (30 + 10 * labels[row]!))).toBeLessThan(4);
      expect(Math.abs(one.numbers[1]! - (1.25 + 0.25 * labels[row]!))).toBeLessThan(0.1);
    }
  });

  it("writes the same as JSON and as Parquet, with what was skipped", async () => {
    const skipped = [{ path: "broken.png", reason: "not a picture" }];
    const [json, parquet] = [join(folder, "labels.json"), join(folder, "labels.parquet")];
    const asked = { run: runOf("classes"), pictures: { ...pictures, skipped }, threads: 1 };
    for (const out of [json, parquet]) expect(await predict({ ...asked, out })).toMatchObject({ skipped: 1 });
    const text = await readFile(json, "utf8");
    expect(text.trimEnd().split("\n")).toHaveLength(48 + 3);
    const file = JSON.parse(text);
    const { predictions } = await predict(asked);
    const plain = predictions!.map(({ kind: _, ...rest }) => rest);
    expect(file).toMatchObject({ step: 6, task: KINDS.classes.task, skipped, pictures: plain });
    const bytes = await readFile(parquet);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file: buffer });
    expect(rows).toEqual(
      predictions!.map((one) => ({
        name: one.name,
        ...(one.kind === "classes" && one.top[0]),
        ...{ distance: one.distance, unlike: one.unlike },
      })),
    );
    expect(parquetMetadata(buffer).key_value_metadata).toEqual([
      { key: "skipped", value: JSON.stringify(skipped) },
    ]);
  });

  it("refuses places that would lose something before any picture is read", async () => {
    const run = runOf("classes");
    const before = await readdir(run);
    for (const [out, message] of [
      [join(folder, "labels.xlsx"), "a name that ends in .csv, .json, .parquet"],
      [join(run, "result.json"), "would overwrite its own input"],
      [join(run, "config.json"), "would overwrite its own input"],
      [join(run, "checkpoints/x.csv"), "would overwrite its own input"],
    ] as const)
      await expect(predict({ run, pictures: untouched, out })).rejects.toThrow(message);
    await mkdir(join(folder, "taken.csv"));
    await expect(predict({ run, pictures: untouched, out: join(folder, "taken.csv") })).rejects.toThrow(
      "no file can be written here",
    );
    expect(await readdir(run)).toEqual(before);
  });
});

describe("a run that cannot predict as it should", () => {
  it("is refused if it has no head", async () => {
    const options = { ...TINY, ...TINY_SIMCLR, epochs: 1, pictures, threads: 1, monitorEvery: 0 };
    const { run } = await pretrain({ ...options, out: join(folder, "pretrained") });
    const asked = predict({ run, pictures: untouched });
    await expect(asked).rejects.toMatchObject({ code: "train/run-folder" });
    await expect(asked).rejects.toThrow(/pre-trained only.*got one of simclr\. Fine-tune it first/);
  });

  it("is used without calibration if that belongs to other steps or is not there, and a note says so", async () => {
    const run = join(folder, "interrupted");
    await cp(runOf("classes"), run, { recursive: true });
    await writeFile(
      join(run, "result.json"),
      '{\n "format": "afterimage-result-1", "step": 5, "temperature": 3}',
    );
    const note = /not finished: probabilities are not calibrated/;
    const later = await predict({ run, pictures, threads: 1 });
    expect(later).toMatchObject({ unlike: null, unlikeAbove: null, notes: [expect.stringMatching(note)] });
    expect(later.predictions![0]).toMatchObject({ distance: null, unlike: null });
    await rm(join(run, "result.json"));
    expect((await predict({ run, pictures, threads: 1 })).predictions).toEqual(later.predictions);
    await writeFile(join(run, "result.json"), "{");
    await expect(predict({ run, pictures })).rejects.toThrow(/the result of this run cannot be read/);
  });

  it("is refused if its checkpoint has another head", async () => {
    const run = join(folder, "other-head");
    await cp(runOf("classes"), run, { recursive: true });
    const path = join(run, "config.json");
    await writeFile(path, (await readFile(path, "utf8")).replace('"outputs": 3', '"outputs": 4'));
    await expect(predict({ run, pictures: untouched })).rejects.toThrow(
      /classifier\.weight with \d+ numbers/,
    );
  });
});

describe("a fine-tuned run elsewhere", () => {
  it("is exported with its logits, labels and temperature", async () => {
    const run = runOf("classes");
    const out = join(folder, "classifier.onnx");
    const { names } = KINDS.classes.task;
    expect(await exportEncoder({ run, out })).toMatchObject({ labels: names, step: 6 });
    const model = decodeModel(await readFile(out));
    expect(model.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["features", ["batch", 64]],
      ["logits", ["batch", 3]],
    ]);
    const { temperature } = await openClassifier(run, () => {});
    expect(model.metadata).toMatchObject({
      task: "classes",
      labels: JSON.stringify(names),
      temperature: `${temperature}`,
      method: "fine-tuning",
    });
  });

  it("is inspected with its head", async () => {
    const { outputs, layers } = await inspect(runOf("several"));
    expect(outputs.map(({ name }) => name)).toEqual(["features", "logits"]);
    expect(layers.at(-1)).toEqual({ path: "classifier.bias", shape: [2], parameters: 2 });
  });

  it("is an encoder as any other", async () => {
    const { features } = await embed({
      run: runOf("numbers"),
      pictures,
      out: join(folder, "f.npy"),
      threads: 1,
    });
    expect(features).toBe(64);
  });
});
