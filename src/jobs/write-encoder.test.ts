import { expect, it } from "vitest";
import { TINY_SIMCLR, tinyConfig } from "../../test/support/tiny-run.ts";
import { createBackbone } from "../backbones/index.ts";
import { requireExportable } from "./write-encoder.ts";

it("an encoder that no ONNX file can hold is refused before it is trained", () => {
  const config = tinyConfig(TINY_SIMCLR);
  requireExportable(config);
  const { name, settings } = createBackbone("resnet50", { imageSize: 16, widthMultiplier: 6 });
  const wide = { ...config, backbone: { name, settings: { ...settings } } };
  expect(() => requireExportable(wide)).toThrow(
    /too large for an ONNX file.*at most 2113 MB; got 33\d\d MB.*`widthMultiplier`/,
  );
});
