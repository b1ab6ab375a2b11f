/** The options of inspecting. */
import { needed } from "../options/option-facts.ts";
import { schemaOf } from "../options/schema-of.ts";
import { text } from "./option-kinds.ts";

export interface InspectOptions {
  /** A run folder, the folder of an imported encoder, or an `.onnx` file. */
  target: string;
}

export const inspectOptions = schemaOf<InspectOptions>()({
  target: needed(text(), {
    description: "run folder, encoder folder or ONNX model",
    placeholder: "run|model.onnx",
    shown: "word",
  }),
});
