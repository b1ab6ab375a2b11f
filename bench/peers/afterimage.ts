/** This project as a peer. */
import { readFileSync } from "node:fs";
import { prepareStep } from "../afterimage-step.ts";
import { serve } from "./serve.ts";

await serve(async () => {
  const manifest = new URL("../../package.json", import.meta.url);
  const { version, dependencies } = JSON.parse(readFileSync(manifest, "utf8"));
  return {
    engine: `afterimage ${version}, onnxruntime-node ${dependencies["onnxruntime-node"]}`,
    prepare: (benchCase, threads) => prepareStep(benchCase, threads),
  };
});
