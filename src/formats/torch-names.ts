/** The names of Python that a PyTorch checkpoint may mention, and what is made of each. */
import { AfterimageError } from "../errors.ts";
import { type ArrayDtype, isShape } from "./named-array.ts";
import { PickleGlobal, PickleRecord } from "./pickle.ts";
import { TorchStorage, TorchTensor, type TorchWindow } from "./torch-tensor.ts";

/** Storages by the names of their classes. */
const STORAGES: Readonly<Record<string, ArrayDtype>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
  "torch.storage.UntypedStorage": "U8",
};

/** Element types by name; those that no storage is named after are told beside an untyped one. */
const DTYPES: Readonly<Record<string, ArrayDtype>> = {
  "torch.float32": "F32",
  "torch.float64": "F64",
  "torch.float16": "F16",
  "torch.bfloat16": "BF16",
  "torch.float8_e4m3fn": "F8_E4M3",
  "torch.float8_e5m2": "F8_E5M2",
  "torch.int64": "I64",
  "torch.int32": "I32",
  "torch.int16": "I16",
  "torch.int8": "I8",
  "torch.uint64": "U64",
  "torch.uint32": "U32",
  "torch.uint16": "U16",
  "torch.uint8": "U8",
  "torch.bool": "BOOL",
};

/** What makes tensors and containers. */
const MAKERS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  "torch._utils._rebuild_tensor": ([storage, ...window]) => tensorOf(storage, window),
  "torch._utils._rebuild_tensor_v2": ([storage, ...window]) => tensorOf(storage, window),
  "torch._utils._rebuild_tensor_v3": ([storage, ...window]) =>
    tensorOf(storageOf(storage).as(dtypeOf(window[5])), window),
  "torch._utils._rebuild_parameter": ([data]) => data,
  "torch._utils._rebuild_parameter_with_state": ([data]) => data,
  "torch.Size": ([extents]) => extents,
  "collections.OrderedDict": ([entries]) => mapOf(entries),
  "collections.defaultdict": ([, entries]) => mapOf(entries),
  "collections.Counter": ([entries]) => mapOf(entries),
  "builtins.set": ([values]) => setOf(values),
  "__builtin__.set": ([values]) => setOf(values),
  "lightning_fabric.utilities.data.AttributeDict": ([entries]) => mapOf(entries),
  "pytorch_lightning.utilities.parsing.AttributeDict": ([entries]) => mapOf(entries),
};

/** Objects beside the weights, such as a run's arguments: kept unread. */
const RECORDS: ReadonlySet<string> = new Set([
  "torch.device",
  "argparse.Namespace",
  "types.SimpleNamespace",
  "pathlib.Path",
  "pathlib.PosixPath",
  "pathlib.WindowsPath",
  "pathlib.PurePosixPath",
  "pathlib._local.PosixPath",
  "datetime.timedelta",
  "_codecs.encode",
  ...["core", "_core"].flatMap((core) =>
    ["multiarray.scalar", "multiarray._reconstruct", "numeric._frombuffer"].map(
      (name) => `numpy.${core}.${name}`,
    ),
  ),
  "numpy.dtype",
  ...["dictconfig.DictConfig", "listconfig.ListConfig", "base.ContainerMetadata", "base.Metadata"].map(
    (name) => `omegaconf.${name}`,
  ),
  ...["AnyNode", "BooleanNode", "FloatNode", "IntegerNode", "StringNode"].map(
    (name) => `omegaconf.nodes.${name}`,
  ),
]);

/** Names that are mentioned and not called, such as the types in a run's arguments. */
const MENTIONED: ReadonlySet<string> = new Set([
  ...Object.keys(STORAGES),
  ...Object.keys(DTYPES),
  "numpy.ndarray",
  "typing.Any",
  ...["builtins", "__builtin__"].flatMap((module) =>
    ["dict", "list", "tuple", "int", "float", "str", "bool"].map((name) => `${module}.${name}`),
  ),
  "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
]);

/** The name if it is allowed. */
export function torchGlobal(module: string, name: string): PickleGlobal | undefined {
  const full = `${module}.${name}`;
  if (Object.hasOwn(MAKERS, full)) return new PickleGlobal(full, MAKERS[full]);
  if (RECORDS.has(full)) return new PickleGlobal(full, (args) => new PickleRecord(full, args));
  return MENTIONED.has(full) ? new PickleGlobal(full) : undefined;
}

/** The element type of a storage's class; undefined for anything else. */
export function storageDtype(value: unknown): ArrayDtype | undefined {
  return value instanceof PickleGlobal ? ownValue(STORAGES, value.name) : undefined;
}

function ownValue<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function tensorOf(storage: unknown, [offset, shape, strides]: readonly unknown[]): TorchTensor {
  return new TorchTensor(storageOf(storage), windowOf(offset, shape, strides));
}

function storageOf(value: unknown): TorchStorage {
  if (value instanceof TorchStorage) return value;
  throw wrongArgument("a storage");
}

function dtypeOf(value: unknown): ArrayDtype {
  const dtype = value instanceof PickleGlobal ? ownValue(DTYPES, value.name) : undefined;
  if (dtype === undefined) throw wrongArgument("an element type");
  return dtype;
}

function windowOf(offset: unknown, shape: unknown, strides: unknown): TorchWindow {
  if (!isShape([offset]) || !isShape(shape) || !isShape(strides) || shape.length !== strides.length)
    throw wrongArgument("offset, size and strides of integers, 0 or more");
  return { offset: offset as number, shape, strides };
}

function mapOf(entries: unknown = []): Map<unknown, unknown> {
  if (entries instanceof Map) return new Map(entries);
  if (!Array.isArray(entries) || !entries.every((entry) => Array.isArray(entry) && entry.length === 2))
    throw wrongArgument("pairs of keys and values");
  return new Map(entries as [unknown, unknown][]);
}

function setOf(values: unknown = []): Set<unknown> {
  if (!Array.isArray(values)) throw wrongArgument("a list of values");
  return new Set(values);
}

function wrongArgument(expected: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "a pickle makes a tensor or a container of the wrong parts",
    expected,
  });
}
