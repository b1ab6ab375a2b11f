import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultFolder } from "./default-folder.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-default-"));
  for (const name of ["v1.0", "v1.1", "deep/er"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["list.txt", "my.list.tsv"]) writeFileSync(join(folder, name), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ["v1.0", "v1.0"],
  ["v1.1/", "v1.1"],
  ["list.txt", "list"],
  ["my.list.tsv", "my.list"],
  ["deep/er/..", "deep"],
  ["not.there", "not.there"],
])("%s gives its run a folder of its own", (name, expected) => {
  expect(defaultFolder(`${folder}/${name}`)).toBe(`runs/${expected}-simclr`);
});

it("calls the folder one is in by its real name", () => {
  expect(defaultFolder(".", "dino")).toBe(`runs/${basename(process.cwd())}-dino`);
  expect(defaultFolder("/")).toBe("runs/pictures-simclr");
});
