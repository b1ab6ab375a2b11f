import { describe, expect, test } from "vitest";
import { runOnce } from "../../runtime/session.ts";
import { compile, constant } from "../../tensor/index.ts";
import { teacherEntropy } from "./teacher-entropy.ts";

describe("teacherEntropy", () => {
  test("is 0 where one output always wins", async () => {
    const entropy = teacherEntropy(constant([50, 0, 0, 50, 0, 0], [2, 3]), constant([0, 0, 0], [3]), 0.04);
    expect((await runOnce(compile({ entropy }), {})).entropy![0]).toBeCloseTo(0, 6);
  });
});
