import { expect, test } from "vitest";
import { writeTiff } from "../../../test/support/write-tiff.ts";
import { otherKind } from "./picture-kind.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const boxes = (brand: string, ...more: string[]) =>
  Buffer.concat([
    latin1(`\0\0\0${String.fromCharCode(16 + 4 * more.length)}ftyp${brand}\0\0\0\0${more.join("")}`),
    Buffer.alloc(64),
  ]);
const tiff = (photometric: number, more: [number, number, number[]][] = []) =>
  writeTiff({ width: 2, height: 2, photometric, samples: Uint8Array.of(1, 2, 3, 4), more });

test.each<[string, Buffer, RegExp]>([
  ["nothing", Buffer.alloc(0), /^the file is empty$/],
  ["zeros", Buffer.alloc(3000), /contains only zeros/],
  ["HEIC", boxes("heic", "mif1", "heic"), /^HEIC .* is not supported; convert it to JPEG/],
  ["HEIC that calls itself HEIF", boxes("mif1", "mif1", "heix"), /^HEIC/],
  ["a Canon CR3", boxes("crx ", "isom"), /raw file/],
  ["MP4", boxes("isom", "iso2", "mp41"), /^a video/],
  ["QuickTime", boxes("qt  "), /^a video/],
  ["Matroska", latin1("\x1aE\xdf\xa3 webm"), /^a video/],
  ["JPEG XL", latin1("\xff\x0a\xfa\x1f"), /^JPEG XL is not supported/],
  ["JPEG XL in boxes", latin1("\0\0\0\x0cJXL \r\n\x87\n"), /^JPEG XL is not supported/],
  ["JPEG 2000", latin1("\0\0\0\x0cjP  \r\n\x87\n"), /^JPEG 2000/],
  ["PSD", latin1("8BPS\0\x01"), /Photoshop/],
  ["PDF", latin1("%PDF-1.7\n"), /^a PDF/],
  ["BMP", latin1("BM\x46\0\0\0\0\0\0\0\x36\0\0\0"), /^a BMP/],
  ["a web page", latin1("\n<!DOCTYPE html><html><head>"), /^a web page/],
  ["a web page after a comment", latin1("<!-- x -->\n<html lang=en>"), /^a web page/],
  [
    "a Git LFS pointer",
    latin1("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n"),
    /git lfs pull/,
  ],
  ["an archive", latin1("PK\x03\x04\x14\0"), /^an archive/],
  ["CR2", latin1("II*\0\x10\0\0\0CR\x02\0"), /raw file/],
  ["RAF", latin1("FUJIFILMCCD-RAW 0201"), /raw file/],
  ["DNG", tiff(1, [[50706, 1, [1, 4, 0, 0]]]), /raw file/],
  ["a TIFF of a colour filter array", tiff(32803), /raw file/],
])("%s is named", (_, bytes, reason) => {
  expect(otherKind(bytes)).toMatch(reason);
});

test.each<[string, Buffer]>([
  ["AVIF", boxes("avif", "mif1", "miaf")],
  ["AVIF that calls itself HEIF", boxes("mif1", "avif")],
  ["SVG", latin1('<?xml version="1.0"?>\n<!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>')],
  ["SVG with HTML in it", latin1("<svg><foreignObject><html></html></foreignObject></svg>")],
  ["TIFF", tiff(1)],
  ["text", latin1("hello, I am a picture")],
])("%s is left to sharp", (_, bytes) => {
  expect(otherKind(bytes)).toBeNull();
});
