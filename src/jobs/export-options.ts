/** The options of exporting. */
import * as z from "zod";
import { OPSETS } from "../onnx/opsets.ts";
import { needed, option } from "../options/option-facts.ts";
import { schemaOf } from "../options/schema-of.ts";
import { run, text } from "./option-kinds.ts";

export interface ExportOptions {
  /** A run folder, or the folder of an imported encoder. */
  run: string;
  /** The `.onnx` file to write. */
  out: string;
  /** The version of ONNX's operator set, 17 to 21: older ones are read by more runtimes. Default 17. */
  opset?: number;
}

const { oldest, newest } = OPSETS;

/** In the order of the help. */
export const exportOptions = schemaOf<ExportOptions>()({
  run: run(),
  out: needed(text(), { description: "file to write, a name that ends in .onnx", placeholder: "file" }),
  opset: option(z.int().min(oldest).max(newest), {
    description: `ONNX operator set, ${oldest} to ${newest}; more runtimes read older ones`,
    fallback: `${oldest}`,
  }),
});
