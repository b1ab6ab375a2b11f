import { rm } from "node:fs/promises";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { runPaths } from "../../train/node/run-folder.ts";
import { writeFileWhole } from "../../train/node/write-file.ts";

/**
 * Lists the files that could not be read, in the folder of a run. The list of an earlier session is removed
 * if all can be read now.
 */
export async function writeSkipped(
  folder: string,
  { skipped }: Pick<PictureDataset, "skipped">,
): Promise<void> {
  const path = runPaths(folder).skipped;
  if (skipped.length === 0) await rm(path, { force: true });
  else await writeFileWhole(path, skipped.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
}
