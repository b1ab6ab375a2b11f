import { expect, test } from "vitest";
import { pairMasks } from "./pair-masks.ts";

test("a mask has the path of its picture, with whatever ending", () => {
  expect(pairMasks(["a/x.jpg", "b.y.jpg", "c"], ["c.png", "a/x.gif", "b.y.png"])).toEqual([
    ...["a/x.gif", "b.y.png", "c.png"],
  ]);
});

test("or the path that a pattern gives it", () => {
  const masks = ["x_mask.png", "y_mask.png"];
  expect(pairMasks(["x.jpg", "y.webp"], masks, "{stem}_mask.png")).toEqual(masks);
  expect(pairMasks(["x.jpg", "y.jpg"], ["m/x.gif", "m/y.png"], "m/{stem}")).toEqual(["m/x.gif", "m/y.png"]);
});

test("pictures and masks that are alone are named", () => {
  expect(() => pairMasks(["a.jpg", "b.jpg"], ["a.png"])).toThrow(
    "a picture has no mask (b.jpg); expected a mask called b",
  );
  expect(() => pairMasks(["a.jpg"], ["a.png", "b.png"])).toThrow("a mask has no picture (b.png)");
  const many = ["a.png", "b.png", "c.png", "d.png", "e.png", "f.png"];
  expect(() => pairMasks(["a.jpg"], many)).toThrow("masks have no picture (b.png, c.png, d.png, and 2 more)");
  expect(() => pairMasks(["a.jpg"], ["a.png", "a.gif"])).toThrow(
    "a picture has several masks (a.png, a.gif)".replace("a picture has", "pictures have"),
  );
  expect(() => pairMasks(["a.jpg"], ["a.png"], "mask.png")).toThrow("a pattern with {stem}");
});
