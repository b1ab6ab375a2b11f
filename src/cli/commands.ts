/** The list of commands. The code of a command is loaded only when it is called. */
import type { Command } from "commander";

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Names in commander's notation; {@link load} gives their meanings. */
  readonly arguments: readonly string[];
  /** Returns the function that adds options and action to a command. */
  load(): Promise<(command: Command) => void>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "pretrain",
    summary: "train an encoder on pictures without labels",
    arguments: ["<pictures>"],
    load: async () => (await import("./pretrain.ts")).pretrainCommand,
  },
  {
    name: "import",
    summary: "make an encoder of public weights, by timm, torchvision, Hugging Face or an author",
    arguments: ["<folder|file>"],
    load: async () => (await import("./import.ts")).importCommand,
  },
  {
    name: "evaluate",
    summary: "score an encoder on labelled pictures, compared with raw pixels and the untrained network",
    arguments: ["<run>"],
    load: async () => (await import("./evaluate.ts")).evaluateCommand,
  },
  {
    name: "embed",
    summary: "write the features of pictures to a file",
    arguments: ["<run>", "<pictures>"],
    load: async () => (await import("./embed.ts")).embedCommand,
  },
  {
    name: "finetune",
    summary: "train an encoder on labelled pictures, and compare it with simpler ways to use the labels",
    arguments: ["<run>", "<pictures>"],
    load: async () => (await import("./finetune.ts")).finetuneCommand,
  },
  {
    name: "distill",
    summary: "train a student on the outputs of a fine-tuned network, for pictures without labels",
    arguments: ["<run>", "<pictures>"],
    load: async () => (await import("./distill.ts")).distillCommand,
  },
  {
    name: "predict",
    summary: "predict the labels of pictures by a fine-tuned run",
    arguments: ["<run>", "<pictures>"],
    load: async () => (await import("./predict.ts")).predictCommand,
  },
  {
    name: "export",
    summary: "write an encoder as an ONNX model",
    arguments: ["<run>"],
    load: async () => (await import("./export.ts")).exportCommand,
  },
  {
    name: "methods",
    summary: "list the methods, with paper and default settings",
    arguments: [],
    load: async () => (await import("./methods.ts")).methodsCommand,
  },
  {
    name: "backbones",
    summary: "list the backbones, with paper, size and defaults",
    arguments: [],
    load: async () => (await import("./backbones.ts")).backbonesCommand,
  },
  {
    name: "inspect",
    summary: "list layers, parameters, shapes and operators of a run or an ONNX model",
    arguments: ["<run|model.onnx>"],
    load: async () => (await import("./inspect.ts")).inspectCommand,
  },
  {
    name: "receptive-field",
    summary: "tell what the places of a network's maps see of a picture",
    arguments: ["<backbone|run|model.onnx>"],
    load: async () => (await import("./receptive-field.ts")).receptiveFieldCommand,
  },
];
