/**
 * Where the contrastive objective came from: n-gram models that count, and a neural one that learns by four
 * objectives, on any text; without one, on this project's own documents.
 *
 * npx tsx --conditions=source examples/n-gram.ts [text.txt]
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addK,
  decodeText,
  fullSoftmax,
  generate,
  inBatchInfoNce,
  logUniformNoise,
  modifiedKneserNey,
  NeuralNgram,
  NgramCounts,
  nceOfWords,
  negativeSampling,
  perplexity,
  scoreWindows,
  sentencesOf,
  unigramNoise,
  Vocabulary,
  Windows,
  wordsOf,
} from "afterimage/text";

const docs = join(import.meta.dirname, "../docs");
const pages = (await readdir(docs)).filter((name) => name.endsWith(".md")).map((name) => join(docs, name));
const files = process.argv[2] === undefined ? pages : [process.argv[2]];
const texts = await Promise.all(files.map(async (file) => decodeText(await readFile(file)).text));

// Every tenth sentence is for the test.
const sentences = sentencesOf(texts.join("\n")).map((sentence) => wordsOf(sentence, { lowerCase: true }));
const training = sentences.filter((_, i) => i % 10 !== 0);
const test = sentences.filter((_, i) => i % 10 === 0);
const vocabulary = Vocabulary.of(training, { size: 3000, leastCount: 2 });
console.log(`${training.flat().length} words, ${vocabulary.size} different ones in the vocabulary`);

const order = 3;
const counts = NgramCounts.of(training, { vocabulary, order });
const smoothed = modifiedKneserNey(counts);
for (const [name, model] of [
  ["add 0.01", addK(counts, 0.01)],
  ["modified Kneser–Ney", smoothed],
] as const)
  console.log(`${name.padEnd(31)} perplexity ${perplexity(model, test).perplexity.toFixed(1)}`);

const windows = new Windows(training, vocabulary, order);
const unseen = new Windows(test, vocabulary, order);
const noise = { noise: unigramNoise(windows.counts), draws: 256 };
const objectives = [
  fullSoftmax(),
  nceOfWords(noise),
  nceOfWords({ noise: logUniformNoise(windows.counts), draws: 256 }),
  negativeSampling(noise),
  inBatchInfoNce(unigramNoise(windows.counts, 1)),
];
const network = { windows, width: 32, hidden: 32, batchSize: 256 };
for (const objective of objectives) {
  const model = await NeuralNgram.create({ ...network, objective });
  const start = performance.now();
  await model.epoch();
  const seconds = (performance.now() - start) / 1000;
  const { perplexity: value, logNormalizers } = await scoreWindows(model, unseen);
  const logZ = logNormalizers.reduce((sum, each) => sum + each, 0) / unseen.size;
  const name = [objective.name, objective.noise?.name].filter(Boolean).join(", ").padEnd(31);
  console.log(`${name} perplexity ${value.toFixed(1)}, log Z ${logZ.toFixed(2)}, ${seconds.toFixed(1)} s`);
  await model.release();
}
console.log(`drawn: ${generate(smoothed, { seed: 1, most: 20 }).join(" ")}`);
