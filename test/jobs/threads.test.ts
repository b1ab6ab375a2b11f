import { embed, evaluate, pretrain } from "afterimage";
import { describe, expect, it } from "vitest";

describe("the number of threads", () => {
  it("is checked by every job before it looks for files", async () => {
    const threads = 100_000;
    const refused = { code: "usage/value", evidence: { where: "`threads`" } };
    await expect(pretrain({ pictures: "none", threads })).rejects.toMatchObject(refused);
    await expect(embed({ run: "none", pictures: "none", out: "x.npy", threads })).rejects.toMatchObject(
      refused,
    );
    await expect(evaluate({ run: "none", data: "none", threads })).rejects.toMatchObject(refused);
  });
});
