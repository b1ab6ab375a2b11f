import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetMetadata } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TINY, TINY_SIMCLR, tinyPictures } from "../../test/support/tiny-run.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { decodeNpy } from "../formats/npy.ts";
import { decodeSafetensors } from "../formats/safetensors.ts";
import { embed } from "./embed.ts";
import { exportEncoder } from "./export-encoder.ts";
import { pretrain } from "./pretrain.ts";

let folder: string;
let run: string;
const pictures = tinyPictures();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-embed-"));
  const options = { ...TINY, ...TINY_SIMCLR, epochs: 1, pictures, threads: 1, monitorEvery: 0 };
  ({ run } = await pretrain({ ...options, out: join(folder, "run") }));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A data set of which no picture may be read. */
const untouched: PictureDataset = {
  ...pictures,
  readBatch: () => Promise.reject(new Error("a picture was read")),
};

describe("embed", () => {
  it("takes a data set that is open, and leaves it open", async () => {
    const out = join(folder, "open.npy");
    const result = await embed({ run, pictures, out, threads: 1 });
    expect(result).toMatchObject({ pictures: 24, notes: [], names: join(folder, "open.names.json") });
    expect(decodeNpy(await readFile(out)).shape).toEqual([24, result.features]);
    await pictures.readBatch([0], new Uint8Array(3 * TINY.canvas ** 2));
  });

  it("names the rows of a .npy in a file beside it, and what has no row", async () => {
    const skipped = [{ path: "broken.png", reason: "not a picture" }];
    const out = join(folder, "named.npy");
    for (const times of [1, 2]) {
      const { notes } = await embed({ run, pictures: { ...pictures, skipped }, out, threads: 1 });
      expect(notes.at(-1)).toMatch(
        /^all skipped pictures are listed with their reasons in .*named\.names\.json$/,
      );
      const names = JSON.parse(await readFile(join(folder, "named.names.json"), "utf8"));
      expect(names, `time ${times}`).toEqual({
        rowsOf: "named.npy",
        names: pictures.names,
        labels: Array.from(pictures.labels!),
        classes: ["red", "green", "blue"],
        skipped,
      });
    }
  });

  it("keeps what has no row in the metadata of .parquet and .safetensors", async () => {
    const skipped = Array.from({ length: 10 }, (_, i) => ({ path: `${i}.png`, reason: "not a picture" }));
    const [parquet, safetensors] = ["s.parquet", "s.safetensors"].map((name) => join(folder, name));
    for (const out of [parquet!, safetensors!])
      await embed({ run, pictures: { ...pictures, skipped }, out, threads: 1 });
    const { metadata } = decodeSafetensors(await readFile(safetensors!));
    expect(JSON.parse(metadata.skipped!)).toEqual(skipped);
    const bytes = await readFile(parquet!);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const [found] = parquetMetadata(file).key_value_metadata!;
    expect([found!.key, JSON.parse(found!.value!)]).toEqual(["skipped", skipped]);
  });

  it("does not write names over a file of the user's", async () => {
    const own = join(folder, "mine.names.json");
    await writeFile(own, '{"precious": true}');
    const asked = embed({ run, pictures: untouched, out: join(folder, "mine.npy") });
    await expect(asked).rejects.toThrow(
      /the file for the names of the rows exists already.*mine\.names\.json/,
    );
    expect(await readFile(own, "utf8")).toBe('{"precious": true}');
    expect(existsSync(join(folder, "mine.npy"))).toBe(false);
  });

  it("finds out before any picture is read that it cannot write, as export does", async () => {
    await mkdir(join(folder, "taken.npy"));
    await writeFile(join(folder, "file"), "");
    const before = await readdir(folder);
    for (const out of [join(folder, "taken.npy"), join(folder, "file/features.parquet")])
      await expect(embed({ run, pictures: untouched, out })).rejects.toThrow("no file can be written here");
    await expect(exportEncoder({ run: "none", out: join(folder, "file/a.onnx") })).rejects.toThrow(
      "no file can be written here",
    );
    expect(await readdir(folder)).toEqual(before);
  });
});
