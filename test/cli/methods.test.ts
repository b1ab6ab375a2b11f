import { beforeAll, describe, expect, it } from "vitest";
import { afterimage, lastObject } from "./support.ts";

const ANY = ["resnet18", "resnet34", "resnet50", "vit_tiny", "vit_small", "vit_base"];
/** Backbones of methods that hide patches from the encoder, or leave patches out. */
const VIT = ANY.slice(3);

/** Name, title, year and arXiv number of the paper, and backbones. */
const METHODS: [string, string, number, string, string[]][] = [
  ["jigsaw", "Jigsaw", 2016, "1603.09246", ANY],
  ["rotnet", "RotNet", 2018, "1803.07728", ANY],
  ["instdisc", "InstDisc", 2018, "1805.01978", ANY],
  ["cpc", "CPC", 2018, "1807.03748", ANY],
  ["dim", "Deep InfoMax", 2018, "1808.06670", ANY],
  ["invaspread", "InvaSpread", 2019, "1904.03436", ANY],
  ["cmc", "CMC", 2019, "1906.05849", ANY],
  ["moco-v1", "MoCo", 2019, "1911.05722", ANY],
  ["simclr", "SimCLR", 2020, "2002.05709", ANY],
  ["moco-v2", "MoCo v2", 2020, "2003.04297", ANY],
  ["simclr-v2", "SimCLR v2", 2020, "2006.10029", ANY],
  ["byol", "BYOL", 2020, "2006.07733", ANY],
  ["swav", "SwAV", 2020, "2006.09882", ANY],
  ["simsiam", "SimSiam", 2020, "2011.10566", ANY],
  ["barlow-twins", "Barlow Twins", 2021, "2103.03230", ANY],
  ["moco-v3", "MoCo v3", 2021, "2104.02057", ANY],
  ["dino", "DINO", 2021, "2104.14294", ANY],
  ["nnclr", "NNCLR", 2021, "2104.14548", ANY],
  ["vicreg", "VICReg", 2021, "2105.04906", ANY],
  ["mae", "MAE", 2021, "2111.06377", VIT],
  ["ibot", "iBOT", 2021, "2111.07832", VIT],
  ["simmim", "SimMIM", 2021, "2111.09886", VIT],
  ["i-jepa", "I-JEPA", 2023, "2301.08243", VIT],
  ["dinov2", "DINOv2", 2023, "2304.07193", VIT],
];

interface Listed {
  name: string;
  title: string;
  idea: string;
  backbone: string;
  backbones: string[];
  settings: object[];
}

let plain: string;
let listed: Listed[];
beforeAll(async () => {
  plain = (await afterimage(["methods"])).stdout;
  ({ methods: listed } = lastObject(await afterimage(["methods", "--json"])) as { methods: Listed[] });
}, 60_000);

describe("the list of methods", () => {
  it("begins with the recommended methods, the default first", () => {
    expect(plain).toMatch(/^Recommended:\n {2}simclr +to begin with/);
    const [recommended] = plain.split("\n\n");
    for (const line of recommended!.split("\n").slice(1))
      expect(METHODS.map(([name]) => name)).toContain(line.trim().split(" ")[0]);
  });

  it("has each method once", () => {
    expect(listed.map(({ name }) => name).sort()).toEqual(METHODS.map(([name]) => name).sort());
    expect(METHODS).toHaveLength(24);
  });

  it.each(METHODS)(
    "has %s with title, year, paper, idea and backbones",
    (name, title, year, arxiv, backbones) => {
      const entry = listed.find((method) => method.name === name)!;
      expect(entry).toMatchObject({ title, paper: { year, arxiv }, backbones });
      expect(backbones).toContain(entry.backbone);
      expect(entry.idea).toMatch(/^[^.\n]{30,120}$/);
      expect(new Set(listed.map(({ idea }) => idea)).size).toBe(listed.length);
      const others = backbones.filter((backbone) => backbone !== entry.backbone);
      // Lines: the idea, the paper, and the backbones with the default first.
      const [head, paper, fitting] = plain.slice(plain.indexOf(`${name} (${title}): `)).split("\n");
      expect(head).toBe(`${name} (${title}): ${entry.idea}`);
      expect(paper).toMatch(new RegExp(`^  \\S.* ${year}\\. .+\\. arXiv ${arxiv}$`));
      expect(fitting).toBe(`  backbones: ${[entry.backbone, ...others].join(", ")}`);
    },
  );
});
