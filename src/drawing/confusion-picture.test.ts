import { expect, test } from "vitest";
import { confusionPicture } from "./confusion-picture.ts";

const labels = (svg: string) => [...svg.matchAll(/aria-label="([^"]*)"/g)].map((match) => match[1]);
const cells = (svg: string) => [...svg.matchAll(/<rect [^>]*fill-opacity/g)].length;

test("cells have share and count, rows their recall and pictures, and empty cells nothing", () => {
  const svg = confusionPicture({ names: ["cat", "dog"], counts: [3, 1, 0, 0] });
  expect(cells(svg)).toBe(2);
  expect(labels(svg)).toEqual([
    ...["Confusion matrix", "75.0 % of 4 pictures are right"],
    ...["cat", "cat", "dog", "dog", "75 %", "3", "25 %", "1", "75 %", "of 4", "", "of 0"],
    ...["predicted", "true"],
  ]);
});

test("shares near all or nothing are not rounded to them", () => {
  const svg = confusionPicture({ names: ["cat", "dog"], counts: [999, 1, 0, 1] });
  expect(labels(svg)).toEqual(
    expect.arrayContaining(["&#62;99 %", "&#60;1 %", "99.9 % of 1,001 pictures are right"]),
  );
});

test("sixty classes have a row each, and of more the others are together", () => {
  const picture = (classes: number) => {
    const names = Array.from({ length: classes }, (_, at) => `c${at}`);
    const counts: number[] = Array.from({ length: classes ** 2 }, (_, at) =>
      at % (classes + 1) === 0 ? 2 : 0,
    );
    counts[classes * 50 + 3] = 7; // class 50, taken for 3
    return labels(confusionPicture({ names, counts }));
  };
  expect(picture(60).filter((text) => /^c\d+$/.test(text!))).toHaveLength(120);
  const many = picture(61);
  expect(many.filter((text) => /^c\d+$/.test(text!))).toHaveLength(80);
  expect(many).toEqual(expect.arrayContaining(["c50", "c3", "21 other classes", "of 42", "22 %", "of 9"]));
});
