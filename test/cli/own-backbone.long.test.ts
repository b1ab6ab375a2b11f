/** The command line with a backbone of one's own, in processes that add it and in one that does not. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { afterimage, lastObject, makePictures } from "./support.ts";

/** Plain JavaScript that imports the built package, as a user of the command line writes it. */
function moduleText(): string {
  const from = (name: string) => JSON.stringify(resolve(import.meta.dirname, `../../dist/${name}index.js`));
  return `
    import { addBackbone } from ${from("")};
    import { conv } from ${from("nn/")};
    import { mean, relu } from ${from("tensor/")};
    const plain = (channels) => ({
      name: "plain_" + channels, family: "plain", features: channels, multipleOf: 1, batchNorm: false,
      settings: { channels },
      build(scope, x) {
        const map = relu(conv(scope.at("conv"), x, { out: channels, kernel: 3, stride: 2, bias: true }));
        return { features: mean(map, [2, 3]), map };
      },
    });
    addBackbone({
      name: "plain", module: "./plain.mjs",
      make: () => plain(8), restore: (_, { channels }) => plain(channels),
    });`;
}

let folder: string;
let run: string;
let imports: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-own-backbone-"));
  run = join(folder, "run");
  imports = [join(folder, "plain.mjs")];
  await writeFile(imports[0]!, moduleText());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("a backbone that a module adds is one like any other", async () => {
  const pictures = await makePictures(join(folder, "pictures"), { size: 16 });
  const env = { AFTERIMAGE_CACHE: join(folder, "cache") };
  const sizes = ["--image-size", "16", "--batch-size", "8", "--epochs", "1", "--threads", "1"];
  const words = ["pretrain", pictures, "--backbone", "plain", ...sizes, "--out", run, "--json"];
  const trained = await afterimage(words, { imports, env });
  expect(trained.stderr).not.toMatch(/error/i);
  expect(trained.status).toBe(0);
  const inspected = await afterimage(["inspect", run, "--json"], { imports });
  expect(lastObject(inspected)).toMatchObject({ config: { backbone: { name: "plain_8" } } });
  const listed = await afterimage(["backbones"], { imports });
  expect(listed.stdout).toMatch(/plain +a backbone of your own/);
});

it("a process that does not add it names the backbone and how to add it", async () => {
  const { status, stderr } = await afterimage(["inspect", run]);
  expect(status).not.toBe(0);
  expect(stderr.replaceAll(/\s+/g, " ")).toMatch(
    /trained with a backbone that is not known here .*backbone\.name.*got plain_8\. .*call addBackbone.*--import \.\/plain\.mjs/,
  );
});
