import { describe, expect, it } from "vitest";
import { input } from "./ops/source.ts";
import { labelled, shapeOf, sizeOfAxis } from "./tensor.ts";

const x = input("x", [2, 3, 5]);

describe("the sizes of a tensor", () => {
  it("are those of its axes, as many as it is said to have", () => {
    expect(shapeOf(x, 3, "test")).toEqual([2, 3, 5]);
    expect(shapeOf([4], 1, "test")).toEqual([4]);
  });

  it("are refused for another rank, in the name of who asks and with the place in the network", () => {
    const ask = () => labelled("layer1.conv", () => shapeOf(x, 4, "convolution", "pictures [B, C, H, W]"));
    expect(ask).toThrow(
      "convolution cannot take a tensor of this shape (layer1.conv); expected pictures [B, C, H, W]; got float32[2,3,5]",
    );
    expect(ask).toThrow(expect.objectContaining({ code: "tensor/shape" }));
    expect(() => shapeOf([4, 4], 1, "test")).toThrow("expected 1 axis; got [4,4]");
  });
});

describe("the size of one axis", () => {
  it("counts negative axes from the end", () => {
    expect([0, 2, -1, -3].map((axis) => sizeOfAxis(x, axis, "test"))).toEqual([2, 5, 5, 2]);
    expect(sizeOfAxis([7, 8], 1, "test")).toBe(8);
  });

  it("is refused where there is no such axis", () => {
    expect(() => sizeOfAxis(x, 3, "softmax")).toThrow(
      "softmax cannot take a tensor of this shape; expected an axis 3; got float32[2,3,5]",
    );
    expect(() => sizeOfAxis([], -1, "softmax")).toThrow("expected an axis -1; got []");
  });
});
