/** NT-Xent and the DINO loss against PyTorch (scripts/make_losses.py): values and gradients. */
import { describe, expect, test } from "vitest";
import { dinoLoss, nextCentre } from "../../src/losses/dino.ts";
import { ntXent } from "../../src/losses/nt-xent.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, gradients, input, reshape, split } from "../../src/tensor/index.ts";
import { deterministic } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-4;
const fixture = readFixture("losses");

describe("NT-Xent as PyTorch computes it", () => {
  const cases = fixture.endings("nt_xent/").filter((name) => name.endsWith("/loss"));

  test("is stored for two sizes at two temperatures", () => {
    expect(cases).toHaveLength(4);
  });

  test.each(cases.map((name) => name.slice(0, -"/loss".length)))("%s", async (name) => {
    const [, rows, width, temperature] = /^(\d+)x(\d+)_t([\d.]+)$/.exec(name)!.map(Number) as number[];
    const z = input("z", [2 * rows!, width!]);
    const [first, second] = split(z, 0, [rows!, rows!]);
    const loss = ntXent(first!, second!, { temperature: temperature! });
    const program = compile({ loss, gradient: gradients(loss, [z])[0]! });
    const got = await runOnce(program, { z: deterministic(`nt_xent/${name}.input`, z.size) });
    const error = (entry: string, values: unknown) =>
      relativeError(values as Float32Array, fixture.floats(`nt_xent/${name}/${entry}`));
    expect(error("loss", got.loss)).toBeLessThan(TOLERANCE);
    expect(error("grad/input", got.gradient)).toBeLessThan(TOLERANCE);
  });
});

describe("the DINO loss as PyTorch computes it", () => {
  const settings = fixture.setting<{
    student_temperature: number;
    centre_momentum: number;
    teacher_temperature: Record<string, number>;
  }>("dino");
  const pictures: Record<string, number> = { multi_crop: 4, multi_crop_warm: 4, two_views: 3 };

  test.each(Object.entries(settings.teacher_temperature))("%s", async (name, teacherTemperature) => {
    const [rows, K] = fixture.shape(`dino/${name}/grad/student`) as [number, number];
    const B = pictures[name]!;
    const [s, t, centre] = [input("s", [rows, K]), input("t", [2 * B, K]), input("c", [K])];
    const teacher = [reshape(t, [2, B, K])];
    const loss = dinoLoss({
      student: [reshape(s, [rows / B, B, K])],
      teacher,
      centre,
      studentTemperature: settings.student_temperature,
      teacherTemperature,
    });
    const next = nextCentre(centre, teacher, settings.centre_momentum);
    const got = await runOnce(compile({ loss, next, gradient: gradients(loss, [s])[0]! }), {
      s: deterministic(`dino/${name}.student`, s.size),
      t: deterministic(`dino/${name}.teacher`, t.size),
      c: deterministic(`dino/${name}.centre`, K, 0.2),
    });
    const error = (entry: string, values: unknown) =>
      relativeError(values as Float32Array, fixture.floats(`dino/${name}/${entry}`));
    expect(error("loss", got.loss)).toBeLessThan(TOLERANCE);
    expect(error("grad/student", got.gradient)).toBeLessThan(TOLERANCE);
    expect(error("next/centre", got.next)).toBeLessThan(TOLERANCE);
  });
});
