import { describe, expect, test } from "vitest";
import { decodePicture } from "./decode-picture.ts";

const svg = (attributes: string, inner: string, head = "") =>
  Buffer.from(`${head}<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inner}</svg>`);
/** The upper left quarter of an A4 page. */
const QUARTER = '<rect width="105" height="148.5" fill="#c80000"/>';
const PAGE = 'viewBox="0 0 210 297"';

async function look(bytes: Buffer, side: number) {
  const { height, width, data } = await decodePicture(bytes, side);
  let red = 0;
  for (let i = 0; i < data.length; i += 3) if (data[i + 1]! < 128) red++;
  return { height, width, share: red / (height * width) };
}

describe.each([16, 24, 96, 500])("on a canvas of %i", (side) => {
  test.each([
    ["mm", `width="210mm" height="297mm" ${PAGE}`],
    ["cm", `width="21cm" height="29.7cm" ${PAGE}`],
    ["in", `width="8.2677in" height="11.6929in" ${PAGE}`],
    ["pt", `width="595.28pt" height="841.89pt" ${PAGE}`],
    ["pc", `width="49.6pc" height="70.16pc" ${PAGE}`],
    ["em", `width="10em" height="14.142em" ${PAGE}`],
    ["per cent", `width="100%" height="100%" ${PAGE}`],
    ["a viewBox alone", PAGE],
    ["a width alone", `width="210mm" ${PAGE}`],
    ["a style", `style="width:210mm;height:297mm" ${PAGE}`],
  ])("an SVG with its size in %s is drawn as one in pixels", async (_, attributes) => {
    const { share, ...size } = await look(svg(attributes, QUARTER), side);
    const { share: expected, ...pixels } = await look(
      svg(`width="794" height="1123" ${PAGE}`, QUARTER),
      side,
    );
    expect(Math.abs(size.width - pixels.width)).toBeLessThanOrEqual(1);
    expect(Math.abs(size.height - side)).toBeLessThanOrEqual(1);
    expect(share).toBeCloseTo(expected, 1);
  });
});

test.each([
  [
    "a size in mm and no viewBox",
    'width="100mm" height="100mm"',
    '<rect width="50mm" height="50mm" fill="#c80000"/>',
  ],
  [
    "a size in pixels and lengths in mm",
    'width="200" height="200"',
    '<rect width="26.458mm" height="26.458mm" fill="#c80000"/>',
  ],
  [
    "a style sheet that sets the size",
    'viewBox="0 0 2 2"',
    '<style>svg{width:3in;height:3in}</style><rect width="1" height="1" fill="#c80000"/>',
  ],
])("an SVG with %s keeps its proportions at any size", async (_, attributes, inner) => {
  for (const side of [20, 64, 300]) {
    const { share, ...size } = await look(svg(attributes, inner), side);
    expect(size).toEqual({ width: side, height: side });
    expect(share).toBeCloseTo(0.25, 1);
  }
});

test("an SVG with no size at all is what is drawn", async () => {
  const seen = await look(svg("", QUARTER), 64);
  expect(seen.height).toBe(64);
  expect(Math.abs(seen.width - 45)).toBeLessThanOrEqual(1);
  expect(seen.share).toBeGreaterThan(0.9);
});

test("a prolog, entities, single quotes and a prefix are no hindrance", async () => {
  const head =
    '<?xml version="1.0"?>\n<!-- <svg> -->\n<!DOCTYPE svg [ <!ENTITY ns "http://www.w3.org/2000/svg"> ]>\n';
  const bytes = Buffer.from(
    `${head}<s:svg xmlns:s="&ns;" width='210mm' height='297mm' ${PAGE}><s:rect width="105" height="148.5" fill="#c80000"/></s:svg>`,
  );
  const { height, width, share } = await look(bytes, 96);
  expect([height, width]).toEqual([96, 68]);
  expect(share).toBeCloseTo(0.25, 1);
});
