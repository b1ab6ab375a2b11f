import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryDataset } from "../../data/memory-dataset.ts";
import { targetColumn } from "../../data/read-targets.ts";
import { withTargets } from "../../data/with-targets.ts";
import { type LabelledPictures, type OpenLabelledOptions, openLabelled } from "./open-labelled.ts";

let root: string;
const opened: LabelledPictures[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "afterimage-labelled-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ dataset }) => dataset.close()));
  rmSync(root, { recursive: true, force: true });
});

let drawn = 0;
async function pictures(...names: string[]): Promise<void> {
  for (const name of names) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    const background = { r: ++drawn % 256, g: 9, b: 9 };
    const image = sharp({ create: { width: 3, height: 2, channels: 3, background } });
    writeFileSync(path, await image.png().toBuffer());
  }
}

async function open(path: string, options: Partial<OpenLabelledOptions> = {}): Promise<LabelledPictures> {
  const found = await openLabelled(join(root, path), {
    canvas: 4,
    cacheDir: join(root, ".cache"),
    ...options,
  });
  opened.push(found);
  return found;
}
function list(text: string, name = "labels.csv"): Promise<LabelledPictures> {
  writeFileSync(join(root, name), text);
  return open(name);
}

describe("labelled folders", () => {
  test("have classes, and pictures outside of them are left out", async () => {
    await pictures("d/cat/1.png", "d/cat/2.png", "d/dog/3.png", "d/stray.png");
    const { dataset, task, answers, own } = await open("d");
    expect(task).toEqual({ kind: "classes", names: ["cat", "dog"] });
    expect(answers).toEqual({ kind: "classes", classes: Int32Array.of(0, 0, 1) });
    expect(own).toBeNull();
    expect(dataset.names).toEqual(["cat/1.png", "cat/2.png", "dog/3.png"]);
    expect(dataset.notes).toEqual(["left out 1 picture without a label: stray.png"]);
    expect([dataset.unlabelled, targetColumn(dataset, "label").data]).toEqual([null, Int32Array.of(0, 0, 1)]);
    const out = new Uint8Array(3 * 16);
    await dataset.readBatch([2], out);
    expect(out[0]).toBe(drawn - 1); // dog/3.png
  });

  test("with parts keep them, and parts without labels are left out", async () => {
    await pictures(
      "d/train/cat/1.png",
      "d/train/dog/2.png",
      "d/val/dog/3.png",
      "d/test/owl/4.png",
      "d/test/5.png",
    );
    const { dataset, task, own } = await open("d");
    expect(task.names).toEqual(["cat", "dog", "owl"]);
    expect(own).toEqual({
      training: Int32Array.of(0, 1),
      validation: Int32Array.of(2),
      test: Int32Array.of(3),
    });
    expect(dataset.names[3]).toBe("test/owl/4.png");
    expect(dataset.notes).toEqual(["left out 1 picture without a label: test/5.png"]);
    rmSync(join(root, "d/test/owl"), { recursive: true });
    const fewer = await open("d");
    expect(fewer.own?.test).toBeNull();
    expect(fewer.dataset.notes).toContain(
      "of the splits train/, val/, test/ only train/, val/ can be used: the others have no labels",
    );
    expect((await open("d", { split: "train" })).own).toBeNull();
    expect((await open("d", { split: "all" })).own).toBeNull();
    rmSync(join(root, "d/val"), { recursive: true });
    expect((await open("d")).own).toBeNull();
  });

  test("are refused with one class, or without any", async () => {
    await pictures("one/cat/1.png", "one/cat/2.png", "none/1.png");
    await expect(open("one")).rejects.toMatchObject({
      code: "data/targets",
      message: expect.stringContaining("all pictures have the same class, so there is nothing to tell apart"),
    });
    await expect(open("one")).rejects.toThrow("got one class, cat");
    await expect(open("none")).rejects.toMatchObject({
      code: "data/targets",
      message: expect.stringMatching(/none of the pictures has a label .*a sub-folder for each class/),
    });
  });
});

describe("labelled lists", () => {
  beforeEach(() => pictures("a.png", "b.png", "c.png", "d.png"));

  test("have several labels a picture, as rows of a target", async () => {
    const { dataset, task, answers } = await list("path,label\na.png,x|y\nb.png,\nc.png,y\n");
    expect(task).toEqual({ kind: "several", names: ["x", "y"] });
    const rows = { rows: 2, cols: 2, data: Float32Array.of(1, 1, 0, 1) };
    expect(answers).toEqual({ kind: "several", rows });
    expect(targetColumn(dataset, "labels")).toEqual({ dtype: "float32", shape: [2], data: rows.data });
    expect([dataset.labels, dataset.classNames]).toEqual([null, null]);
    expect(dataset.notes).toEqual([
      "the labels of a picture are separated by |: it can have several of them",
      "left out 1 picture without a label: b.png",
    ]);
  });

  test("have numbers, in the only other column or in all of them, or in those that are named", async () => {
    const { dataset, task } = await list("path,age\na.png,1.5\nb.png,2\nc.png,nan\n");
    expect(task).toEqual({ kind: "numbers", names: ["age"] });
    expect(targetColumn(dataset, "numbers").data).toEqual(Float32Array.of(1.5, 2));
    const two = await list("id,path,x,y_pos\n7,a.png,1,5\n8,b.png,2,6\n");
    expect(two.task).toEqual({ kind: "numbers", names: ["x", "y_pos"] });
    expect(two.dataset.notes).toEqual(["the labels are numbers: x, y_pos", "unused columns of the list: id"]);
    const named = await open("labels.csv", { labelColumns: ["Y pos"], task: "numbers" });
    expect(targetColumn(named.dataset, "numbers").data).toEqual(Float32Array.of(5, 6));
  });

  test("have classes in a column of any name, and parts by a column", async () => {
    const { task, own, dataset } = await list(
      "file,breed,split\nd.png,pug,test\na.png,cat,train\nb.png,pug,train\nc.png,cat,val\n",
    );
    expect(task.names).toEqual(["cat", "pug"]);
    expect(dataset.names).toEqual(["a.png", "b.png", "c.png", "d.png"]);
    expect(own).toEqual({
      training: Int32Array.of(0, 1),
      validation: Int32Array.of(2),
      test: Int32Array.of(3),
    });
  });

  test("give the same classes, labels and targets in another order of their lines", async () => {
    const lines = ["a.png,x|y", "b.png,z", "c.png,y"];
    const [straight, turned] = [await list(lines.join("\n")), await list(lines.toReversed().join("\n"))];
    const byName = ({ dataset, task }: LabelledPictures) => {
      const { data } = targetColumn(dataset, "labels");
      const rows = dataset.names.map((name, at) => [name, data.slice(at * 3, at * 3 + 3)] as const);
      return [task.names, Object.fromEntries(rows)];
    };
    expect(byName(turned)).toEqual(byName(straight));
  });

  test("tell of pictures that are not there", async () => {
    const { dataset } = await list("a.png,x\nb.png,y\ngone.png,x\n");
    expect(dataset.size).toBe(2);
    expect(dataset.skipped).toEqual([{ path: "gone.png", reason: "not found" }]);
    await expect(list("gone.png,x\nlost.png,y\n")).rejects.toMatchObject({ code: "data/empty" });
  });

  test("leave a broken picture out, with its label", async () => {
    writeFileSync(join(root, "b.png"), "no picture");
    const { dataset, answers } = await list("a.png,1.5\nb.png,2.5\nc.png,3.5\n");
    expect(dataset.names).toEqual(["a.png", "c.png"]);
    expect(answers).toMatchObject({ rows: { data: Float32Array.of(1.5, 3.5) } });
  });

  test.each([
    ["half numbers", "a.png,1\nb.png,2\nc.png,cat\n", "csv, line 3); expected numbers on all lines"],
    ["no labels", "a.png\nb.png\n", "none of the pictures has a label"],
    ["an empty column", "path,label\na.png,\nb.png,\n", "none of the pictures has a label"],
    ["one number", "path,age\na.png,1.5\nb.png,1.5\n", "all pictures have the same number"],
    ["equal labels", "a.png,x|y\nb.png,y|x\n", "all pictures have the same labels"],
    [
      "two columns of names",
      "path,breed,town\na.png,pug,Ulm\nb.png,lab,Bonn\n",
      "several columns of the list may hold the labels",
    ],
  ])("are refused with %s", async (_, text, message) => {
    await expect(list(text)).rejects.toMatchObject({
      isUsage: true,
      message: expect.stringContaining(message),
    });
  });

  test("are refused for columns that they do not have", async () => {
    await expect(list("path,breed,town\na.png,pug,Ulm\n")).rejects.toThrow(
      "Call the column of labels label in the first line",
    );
    await expect(open("labels.csv", { labelColumns: ["age"] })).rejects.toThrow(
      /no column of labels "age" .*expected breed, town/,
    );
    expect(await open("labels.csv", { labelColumns: ["breed"] }).catch(String)).toContain("one class, pug");
    await list("a.png,1\nb.png,2\n");
    await expect(open("labels.csv", { labelColumns: ["age"] })).rejects.toThrow(
      "the list has no header line",
    );
  });
});

describe("open data sets", () => {
  const dataset = memoryDataset({
    canvas: 1,
    pictures: Uint8Array.of(1, 2, 3, 4, 5, 6),
    labels: Int32Array.of(0, 1),
  });

  test("are labelled by their classes, or by a target, and stay open", async () => {
    const { task, answers, own } = await openLabelled(dataset, { canvas: 1 });
    expect([task, own]).toEqual([{ kind: "classes", names: ["0", "1"] }, null]);
    expect(answers).toEqual({ kind: "classes", classes: Int32Array.of(0, 1) });
    const column = { dtype: "float32", shape: [], data: Float32Array.of(1.5, 2) } as const;
    const numbered = withTargets(dataset, { rows: { numbers: column } });
    expect((await openLabelled(numbered, { canvas: 1 })).task).toEqual({ kind: "numbers", names: ["0"] });
    expect((await openLabelled(numbered, { canvas: 1, task: "classes" })).task.kind).toBe("classes");
  });

  test("are refused without labels, without those asked for, and with other numbers than marks", async () => {
    const bare = memoryDataset({ canvas: 1, pictures: Uint8Array.of(1, 2, 3) });
    await expect(openLabelled(bare, { canvas: 1 })).rejects.toThrow(
      "the pictures have no labels to learn from ((in memory))",
    );
    await expect(openLabelled(dataset, { canvas: 1, task: "numbers" })).rejects.toThrow(
      "none for `task` numbers",
    );
    const marks = { dtype: "float32", shape: [1], data: Float32Array.of(0, 2) } as const;
    await expect(
      openLabelled(withTargets(dataset, { rows: { labels: marks } }), { canvas: 1 }),
    ).rejects.toThrow("0 or 1 for each label; got 2");
  });
});
