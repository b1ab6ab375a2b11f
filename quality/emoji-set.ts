/** The demo's emoji at 32 pixels, divided by name. */
import { memoryDataset, subset } from "afterimage/data";
import { drawEmoji } from "../demo/emoji.ts";
import { listEmoji } from "../demo/emoji-icons.ts";
import { type PictureSet, withTasks } from "./picture-set.ts";
import { IMAGE_SIZE } from "./recipe.ts";
import { splitByName } from "./split-by-name.ts";

const TEST_SHARE = 0.25;

export async function emojiSet(): Promise<PictureSet> {
  const { icons } = await listEmoji();
  const { pictures } = await drawEmoji(icons, { size: IMAGE_SIZE });
  const classNames = [...new Set(icons.map(({ category }) => category))].sort();
  const all = memoryDataset({
    canvas: IMAGE_SIZE,
    pictures,
    names: icons.map(({ artist, name }) => `${artist}/${name}`),
    labels: Int32Array.from(icons, ({ category }) => classNames.indexOf(category)),
    classNames,
  });
  const { train, test } = splitByName(icons, { share: TEST_SHARE, seed: 0 });
  return withTasks({
    name: "emoji",
    title: "Emoji",
    protocol:
      `The demo's ${icons.length} emoji by three teams of artists, drawn at ${IMAGE_SIZE} pixels; the labels are the ` +
      `${classNames.length} categories (food, flags, …). A quarter of the names of every category is held out with all ` +
      `drawings of it, so no emoji is on both sides by another artist's hand: ${train.length} pictures to train on ` +
      `(without labels, and with them for the probes), ${test.length} to test with. The division is the same for all seeds.`,
    classes: classNames.length,
    train: subset(all, train),
    test: subset(all, test),
  });
}
