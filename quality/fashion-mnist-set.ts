/** Fashion-MNIST from a folder of its four IDX files. */
import { subset } from "afterimage/data";
import { openPictures } from "afterimage/data/node";
import { type PictureSet, withTasks } from "./picture-set.ts";
import { IMAGE_SIZE } from "./recipe.ts";

/** Side of its pictures in pixels. */
const CANVAS = 28;
const TRAINING_PICTURES = 20_000;

export async function fashionMnistSet(folder: string): Promise<PictureSet> {
  const all = await openPictures(folder, { canvas: CANVAS, labels: true, split: "train" });
  const test = await openPictures(folder, { canvas: CANVAS, labels: true, split: "test" });
  const count = Math.min(TRAINING_PICTURES, all.size);
  return withTasks({
    name: "fashion-mnist",
    title: "Fashion-MNIST",
    protocol:
      `The first ${count} training pictures of Fashion-MNIST, ${CANVAS} pixels wide and seen at ${IMAGE_SIZE} (training ` +
      `without labels, probes with them), and its ${test.size} test pictures; ten kinds of clothes.`,
    classes: 10,
    train: subset(
      all,
      Array.from({ length: count }, (_, i) => i),
    ),
    test,
  });
}
