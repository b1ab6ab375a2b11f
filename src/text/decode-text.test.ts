import { expect, it } from "vitest";
import { decodeText } from "./decode-text.ts";

const bytes = (...parts: (string | number)[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? [...new TextEncoder().encode(part)] : [part])),
  );

it("decodes UTF-8, without its byte order mark", () => {
  expect(decodeText(bytes(0xef, 0xbb, 0xbf, "naïve 👍"))).toEqual({ text: "naïve 👍", replaced: 0 });
});

it("replaces what is no UTF-8, and counts it", () => {
  expect(decodeText(bytes("caf", 0xe9, " and ", 0xff, 0xfe, "."))).toEqual({
    text: "caf\uFFFD and \uFFFD\uFFFD.",
    replaced: 3,
  });
});

it("does not count the replacement characters that the text has itself", () => {
  expect(decodeText(bytes("\uFFFD", 0x80, "\uFFFD"))).toEqual({ text: "\uFFFD\uFFFD\uFFFD", replaced: 1 });
});
