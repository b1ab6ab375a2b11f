import { readTiffTags, TAG } from "./tiff-tags.ts";

/** A kind of file that is not read as a picture, and what to do with it. */
interface OtherKind {
  /** The name in "…: HEIC is not supported". */
  name: string;
  todo: string;
}

const TO_JPEG = "convert it to JPEG or PNG";
const HEIC: OtherKind = {
  name: "HEIC (HEIF with HEVC)",
  todo: "convert it to JPEG, for example with sips, heif-convert or ImageMagick",
};
const JPEG_XL: OtherKind = { name: "JPEG XL", todo: `${TO_JPEG}, for example with djxl` };
const RAW: OtherKind = {
  name: "a camera's raw file",
  todo: "develop it to JPEG or TIFF, for example with darktable or RawTherapee",
};
const VIDEO: OtherKind = { name: "a video", todo: "extract its frames, for example with ffmpeg" };
const ARCHIVE: OtherKind = { name: "an archive", todo: "unpack it" };

/** Matches any byte in a signature. */
const ANY = "·";
/** Kinds by their first bytes, in Latin-1. */
const SIGNATURES: readonly (readonly [OtherKind, ...string[]])[] = [
  [{ name: "a Photoshop document (PSD)", todo: TO_JPEG }, "8BPS"],
  [{ name: "a PDF", todo: "extract its pictures, for example with pdfimages" }, "%PDF-"],
  [{ name: "PostScript", todo: TO_JPEG }, "%!PS", "\xc5\xd0\xd3\xc6"],
  [JPEG_XL, "\xff\x0a", "\0\0\0\x0cJXL "],
  [{ name: "JPEG 2000", todo: TO_JPEG }, "\0\0\0\x0cjP  ", "\xff\x4f\xff\x51"],
  [{ name: "a BMP", todo: TO_JPEG }, `BM${ANY.repeat(4)}\0\0\0\0`],
  [{ name: "an icon file (ICO)", todo: TO_JPEG }, `\0\0\x01\0${ANY}\0`, `\0\0\x02\0${ANY}\0`],
  [
    { name: "a Netpbm picture (PBM, PGM, PPM)", todo: TO_JPEG },
    ...["1", "2", "3", "4", "5", "6", "7"].flatMap((n) => [`P${n}\n`, `P${n} `]),
  ],
  [{ name: "OpenEXR", todo: TO_JPEG }, "\x76\x2f\x31\x01"],
  [{ name: "Radiance HDR", todo: TO_JPEG }, "#?RADIANCE", "#?RGBE"],
  [{ name: "a DDS texture", todo: TO_JPEG }, "DDS "],
  [{ name: "QOI", todo: TO_JPEG }, "qoif"],
  [{ name: "a GIMP document (XCF)", todo: TO_JPEG }, "gimp xcf"],
  [{ name: "FITS", todo: "convert it to TIFF or PNG" }, "SIMPLE  ="],
  [{ name: "DICOM", todo: "convert it to TIFF or PNG" }, `${ANY.repeat(128)}DICM`],
  [RAW, "FUJIFILMCCD-RAW", "IIU\0", "IIRO", "IIRS", "MMOR", `II\x1a\0\0\0HEAPCCDR`, "\0MRM", "FOVb"],
  [RAW, `II*\0${ANY.repeat(4)}CR\x02`],
  [VIDEO, "\x1aE\xdf\xa3", "FLV\x01", "OggS", "\0\0\x01\xb3", "\0\0\x01\xba", `RIFF${ANY.repeat(4)}AVI `],
  [ARCHIVE, "PK\x03\x04", "\x1f\x8b", "Rar!", "7z\xbc\xaf", "BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd"],
  [{ name: "a NumPy array", todo: "save its pictures as PNG" }, "\x93NUMPY"],
  [{ name: "an HDF5 file", todo: "save its pictures as PNG" }, "\x89HDF"],
];

function startsWith(start: string, signature: string): boolean {
  return (
    start.length >= signature.length &&
    [...signature].every((letter, i) => letter === ANY || letter === start[i])
  );
}

const NOT_FINISHED = "a copy or download was not finished; get the file again";
/** Kinds of text. Only the start of these is checked, after blanks and a byte order mark. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    "a Git LFS pointer instead of the picture; fetch the picture with git lfs pull",
  ],
  [
    /^(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b/is,
    "a web page instead of a picture; download the picture itself",
  ],
];

/**
 * Recognises, by its first bytes, a file that is not a picture of a kind that is read.
 *
 * @returns why it is refused and what to do; null if it may be a picture.
 */
export function otherKind(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return "the file is empty";
  const start = Buffer.from(bytes.subarray(0, 1024)).toString("latin1");
  if (isAllZeros(bytes)) return `the file contains only zeros: ${NOT_FINISHED}`;
  const text = start.replace(/^(?:\xef\xbb\xbf)?\s+/, "");
  const found = TEXTS.find(([pattern]) => pattern.test(text));
  if (found !== undefined) return found[1];
  const kind = containerKind(start) ?? signedKind(start);
  if (kind !== undefined) return notRead(kind);
  return isCameraRaw(bytes) ? notRead(RAW) : null;
}

/** libheif's message for a file with a coding that it was built without. */
export function isHevcMessage(message: string): boolean {
  return /HEVC|libde265/.test(message);
}

export const HEIC_REASON = notRead(HEIC);

function notRead({ name, todo }: OtherKind): string {
  return `${name} is not supported; ${todo}`;
}

function signedKind(start: string): OtherKind | undefined {
  return SIGNATURES.find(([, ...signatures]) => signatures.some((one) => startsWith(start, one)))?.[0];
}

/** Files of boxes (ISO base media) state their kind in the first box. */
function containerKind(start: string): OtherKind | undefined {
  if (start.slice(4, 8) === "moov" || start.slice(4, 8) === "mdat") return VIDEO; // old QuickTime
  if (start.slice(4, 8) !== "ftyp") return undefined;
  const length = start.charCodeAt(2) * 256 + start.charCodeAt(3);
  const brands: string[] = start.slice(8, Math.max(12, length)).match(/.{4}/gs) ?? [];
  const [major] = brands;
  if (brands.includes("avif") || brands.includes("avis")) return undefined;
  if (major === "crx ") return RAW;
  if (major === "jxl ") return JPEG_XL;
  if (brands.some((brand) => /^(?:hei[cxms]|hev[cxms])$/.test(brand))) return HEIC;
  if (brands.some((brand) => /^(?:mif1|msf1|mif2|miaf)$/.test(brand))) return undefined; // libheif says
  return VIDEO;
}

const CFA = 32803;
const LINEAR_RAW = 34892;

/** DNG, NEF, ARW and others are TIFFs whose first picture is a small preview. */
function isCameraRaw(bytes: Uint8Array): boolean {
  const tags = readTiffTags(bytes);
  if (tags === null) return false;
  if (tags.numbers.has(TAG.dngVersion)) return true;
  const below = (tags.numbers.get(TAG.subIfds) ?? []).map((at) => readTiffTags(bytes, at));
  return [tags, ...below].some((one) => {
    const photometric = one?.numbers.get(TAG.photometric)?.[0];
    return photometric === CFA || photometric === LINEAR_RAW;
  });
}

function isAllZeros(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes.every((byte) => byte === 0);
}
