/** The files that a finished run writes in addition to its states. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import type { Observer } from "../../runs/observer.ts";
import { runPaths } from "../../train/node/run-folder.ts";
import { writeEncoder } from "../write-encoder.ts";
import { writeReconstructions } from "./write-reconstructions.ts";

/** Paths of the files; null until they are written, and for methods that do not reconstruct. */
export interface WrittenAtEnd {
  encoder: string | null;
  reconstructions: string | null;
}

/** Exports the encoder, and the reconstructions for people to look at. */
export function writtenAtEnd(
  folder: string,
  dataset: PictureDataset,
  threads: number,
): { written: WrittenAtEnd; observers: readonly Observer[] } {
  const written: WrittenAtEnd = { encoder: null, reconstructions: null };
  const paths = runPaths(folder);
  const exporter: Observer = {
    async finish({ config, encoder: backbone, encoderValues: values }) {
      written.encoder = await writeEncoder(paths.encoder, { config, backbone, values });
    },
  };
  const reconstructor: Observer = {
    async finish({ config, method, values }) {
      const options = { config, method, values, threads };
      written.reconstructions = await writeReconstructions(paths.reconstructions, dataset, options);
    },
  };
  return { written, observers: [exporter, reconstructor] };
}
