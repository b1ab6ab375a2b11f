import { expect, it } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { assemblePatches } from "./assemble-patches.ts";
import { cutPatches } from "./cut-patches.ts";

const [B, C, SIDE, P] = [2, 3, 3, 2];
const SIZE = SIDE * P;
const pictures = deterministic("pictures", B * C * SIZE * SIZE);

/** Corners `(y, x)` of the cells of every picture, in the order of `places`. */
function cornersOf(places: readonly number[]): Int32Array {
  const one = places.flatMap((place) => [Math.floor(place / SIDE) * P, (place % SIDE) * P]);
  return Int32Array.from([...one, ...one]);
}

async function assembled(places: readonly number[]): Promise<number[]> {
  const corners = input("corners", [B, SIDE * SIDE, 2], "int32");
  const whole = assemblePatches(cutPatches(input("x", [B, C, SIZE, SIZE]), corners, P), SIDE);
  expect(whole.shape).toEqual([B, C, SIZE, SIZE]);
  return [
    ...(await runOnce(compile({ whole }), { x: pictures, corners: cornersOf(places) })).whole!,
  ] as number[];
}

it("gives pictures back whose patches come in their own order", async () => {
  expect(await assembled([0, 1, 2, 3, 4, 5, 6, 7, 8])).toEqual([...pictures]);
});

it("shows at each place the patch that comes there", async () => {
  const places = [4, 0, 7, 8, 1, 3, 2, 6, 5];
  const found = await assembled(places);
  const at = (values: ArrayLike<number>, plane: number, y: number, x: number) =>
    values[(plane * SIZE + y) * SIZE + x];
  for (let plane = 0; plane < B * C; plane++)
    for (const [to, from] of places.entries())
      for (let y = 0; y < P; y++)
        for (let x = 0; x < P; x++) {
          const cell = (place: number) => [Math.floor(place / SIDE) * P + y, (place % SIDE) * P + x] as const;
          expect(at(found, plane, ...cell(to))).toBe(at(pictures, plane, ...cell(from)));
        }
});
