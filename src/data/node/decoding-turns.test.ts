import { expect, test } from "vitest";
import { DecodingTurns } from "./decoding-turns.ts";

/** Work that ends when its function `end` is called. */
function work(log: string[], name: string) {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = async () => {
    log.push(`${name} begins`);
    await ended;
    log.push(`${name} ends`);
  };
  return { run, end: () => end() };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("who is alone waits for the others, and others wait for him", async () => {
  const turns = new DecodingTurns();
  const log: string[] = [];
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => work(log, name)) as [
    ReturnType<typeof work>,
    ReturnType<typeof work>,
    ReturnType<typeof work>,
    ReturnType<typeof work>,
  ];
  const all = [turns.together(a.run), turns.together(b.run), turns.alone(c.run), turns.together(d.run)];
  await settle();
  expect(log).toEqual(["a begins", "b begins"]);
  a.end();
  await settle();
  expect(log).toHaveLength(3);
  b.end();
  await settle();
  expect(log.slice(3)).toEqual(["b ends", "c begins"]);
  c.end();
  await settle();
  expect(log.slice(5)).toEqual(["c ends", "d begins"]);
  d.end();
  await Promise.all(all);
});

test("a failure gives the turn back", async () => {
  const turns = new DecodingTurns();
  const fail = () => Promise.reject(new Error("broken"));
  await expect(turns.alone(fail)).rejects.toThrow("broken");
  await expect(turns.together(fail)).rejects.toThrow("broken");
  await expect(turns.alone(async () => 1)).resolves.toBe(1);
});
