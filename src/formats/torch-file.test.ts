import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { damaged, valueOrOurs } from "../../test/support/damaged.ts";
import {
  bytesOf,
  int,
  legacyFile,
  named,
  pickle,
  storage,
  tensor,
  text,
  tuple,
  uint32,
  uint64,
  zip,
  zipFile,
} from "../../test/support/pickle-writer.ts";
import { AfterimageError } from "../errors.ts";
import { type ByteSource, bytesInMemory } from "./byte-source.ts";
import { bytesOf as contentOf } from "./named-array.ts";
import { PickleRecord } from "./pickle.ts";
import { decodeSafetensors } from "./safetensors.ts";
import { decodeTorch, isTorchFile, TorchTensor } from "./torch-file.ts";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../test/fixtures/torch/${name}`, import.meta.url)));
const decode = (bytes: Uint8Array) => decodeTorch(bytesInMemory(bytes)).value;
const expected = decodeSafetensors(fixture("checkpoint.safetensors")).arrays;

type Nested = Map<string, unknown>;
const at = (value: unknown, ...path: string[]) =>
  path.reduce((inner, key) => (inner as Nested).get(key), value);

/** Everything that can be read of a value. */
function readAll(value: unknown): void {
  if (value instanceof TorchTensor) value.load();
  if (value instanceof Map) for (const inner of value.values()) readAll(inner);
}

/** The refusal of a file's bytes. */
function refusal(bytes: Uint8Array): AfterimageError {
  try {
    readAll(decode(bytes));
  } catch (error) {
    expect(error).toBeInstanceOf(AfterimageError);
    return error as AfterimageError;
  }
  throw new Error("the file was read");
}

describe.each([
  ["checkpoint.pth", "zip"],
  ["checkpoint-legacy.pth", "legacy"],
  ["protocol-4.pth", "zip"],
  ["protocol-5.pth", "zip"],
  ["torch-1.13.pth", "zip"],
  ["torch-1.13-legacy.pth", "legacy"],
])("%s", (name, form) => {
  const bytes = fixture(name);
  const value = decode(bytes);

  it("is recognised", () => {
    expect(isTorchFile(bytesInMemory(bytes))).toBe(true);
    expect(decodeTorch(bytesInMemory(bytes)).form).toBe(form);
  });

  // PyTorch 1.13 had no uint16, and other roundings in the statistics of batch norm.
  const isOld = name.startsWith("torch-1.13");
  const paths = [...expected.keys()].filter((path) => !isOld || /^teacher\.(?!uint16)/.test(path));

  it.each(paths)("has PyTorch's elements of %s", (path) => {
    const [part, ...rest] = path.split(".") as [string, ...string[]];
    const found = at(value, part, rest.join("."));
    expect(found).toBeInstanceOf(TorchTensor);
    const { dtype, shape, data } = (found as TorchTensor).load();
    const wanted = expected.get(path)!;
    expect({ dtype, shape }).toEqual({ dtype: wanted.dtype, shape: wanted.shape });
    // Bit by bit: -0 too.
    expect([...contentOf(data)]).toEqual([...contentOf(wanted.data)]);
  });

  it("has everything else as plain values, and objects as records that nothing looks into", () => {
    const {
      epoch,
      large,
      negative,
      loss,
      size,
      names,
      unicode,
      bytes: raw,
      flags,
      counts,
      ...others
    } = Object.fromEntries(value as Nested);
    expect({ epoch, large, negative, loss, size, names, unicode }).toEqual({
      ...{ epoch: 300, large: 2n ** 70n, negative: -5, loss: 0.125, size: [2, 3] },
      ...{ names: ["a", "b"], unicode: "Zürich" },
    });
    expect(flags).toEqual(new Set([true, false]));
    expect(counts).toEqual(new Map([["seen", new Map([["pictures", 12]])]]));
    expect(raw).toBeDefined();
    expect(others.args).toBeInstanceOf(PickleRecord);
    expect((others.args as PickleRecord).type).toBe("argparse.Namespace");
    expect(at((others.args as PickleRecord).state, "crops")).toEqual([2, 8]);
    expect(others.best).toBeInstanceOf(PickleRecord);
  });
});

it("a whole model is refused by the name of its class, with what to save instead", () => {
  const { message, code } = refusal(fixture("model.pth"));
  expect(code).toBe("data/format");
  expect(message).toMatch(/would run torch\.nn\.modules\.container\.Sequential.*save its state dict/);
});

/** os.system("echo …") as a pickle, by three ways of naming it. */
const COMMAND = tuple(text("touch /tmp/afterimage-was-here"));
const EVIL: [string, Uint8Array][] = [
  ["posix.system", bytesOf(named("posix", "system"), COMMAND, "R")],
  ["os.system", bytesOf(text("os"), text("system"), 0x93, COMMAND, "R")],
  ["builtins.eval", bytesOf(named("builtins", "eval"), tuple(text("1")), "R")],
  ["builtins.getattr", bytesOf(named("builtins", "getattr"), tuple(text("a"), text("b")), "R")],
  ["subprocess.Popen", bytesOf(named("subprocess", "Popen"), tuple(text("ls")), 0x81)],
  ["torch.load", bytesOf(named("torch", "load"), tuple(text("x")), "R")],
  [
    "torch._utils._rebuild_device_tensor_from_numpy",
    named2("torch._utils", "_rebuild_device_tensor_from_numpy"),
  ],
  ["collections.OrderedDict.__init__", named2("collections", "OrderedDict.__init__")],
  ["torch.hasOwnProperty", named2("torch", "hasOwnProperty")],
  [".constructor", named2("", "constructor")],
  ["__proto__.x", named2("__proto__", "x")],
];
function named2(module: string, name: string): Uint8Array {
  return bytesOf(named(module, name));
}

describe.each([
  ["legacy", (body: Uint8Array) => legacyFile(body)],
  ["zip", (body: Uint8Array) => zipFile(pickle(body))],
] as const)("a pickle in a file of the %s form that would run something", (_, file) => {
  it.each(EVIL)("is refused by name: %s", (name, body) => {
    expect(refusal(file(body)).message).toContain(`would run ${name}, and reading weights runs nothing`);
  });
});

const ROW = { shape: [4], strides: [1] };
const FOUR = Float32Array.of(1, 2, 3, 4);

it("the writer of these tests writes files that are read", () => {
  const body = bytesOf("}", text("a"), tensor(storage("0", 4), ROW), "s");
  const [legacy, archive] = [
    decode(legacyFile(body, { 0: FOUR })),
    decode(zipFile(pickle(body), { 0: contentOf(FOUR) })),
  ];
  for (const value of [legacy, archive]) expect((at(value, "a") as TorchTensor).load().data).toEqual(FOUR);
});

describe("a file that lies", () => {
  const one = (window: Parameters<typeof tensor>[1], count = 4) =>
    legacyFile(tensor(storage("0", count), window), { 0: FOUR });

  it.each([
    ["a window beyond its storage", one({ offset: 1, ...ROW }), /lies about its elements/],
    ["strides beyond it", one({ shape: [2, 2], strides: [3, 1] }), /lies about its elements/],
    [
      "a storage that is repeated a billion times",
      one({ shape: [1e9], strides: [0] }),
      /lies about its elements/,
    ],
    ["a count that its bytes contradict", one(ROW, 5), /storage of 5 elements; got 4/],
    ["sizes below 0", one({ shape: [-1], strides: [1] }), /integers, 0 or more/],
    ["strides for another rank", one({ shape: [2, 2], strides: [1] }), /integers, 0 or more/],
    ["a storage that is not there", legacyFile(tensor(storage("7", 4), ROW), {}), /the storage 7; got none/],
    ["a storage cut short", one(ROW).slice(0, -1), /cut short/],
    ["text of 4 GB", legacyFile(bytesOf("X", uint32(0xffffffff))), /cut short/],
    ["bytes of an exabyte", legacyFile(bytesOf(0x8e, uint64(2n ** 60n))), /cut short/],
    ["a frame of an exabyte", legacyFile(bytesOf(0x95, uint64(2n ** 60n), "N")), /a frame of/],
    ["an integer of a GB", legacyFile(bytesOf(0x8b, uint32(2 ** 30))), /integer of at most 128 bytes/],
    ["a mark that is not there", legacyFile(bytesOf("t")), /a mark on the stack/],
    ["a memo that is empty", legacyFile(bytesOf("h", 3)), /put aside; got none at 3/],
    ["an unknown opcode", legacyFile(bytesOf(0xff)), /got 0xff/],
    ["an old protocol", bytesOf(0x80, 1, "N."), /protocol 2 to 5/],
    ["another pickle", pickle("K", 1), /PyTorch's pickles begin; got another pickle/],
  ])("is refused for %s", (_, bytes, says) => {
    expect(refusal(bytes).message).toMatch(says);
  });
});

describe("an archive that lies", () => {
  const data = pickle(tensor(storage("0", 4), ROW));
  const main = { name: "archive/data.pkl", content: data };
  const content = contentOf(FOUR);

  it.each([
    [
      "a path that leads out",
      zip([main, { name: "archive/../../etc/passwd", content }]),
      /names of files within/,
    ],
    ["an absolute path", zip([main, { name: "/etc/passwd", content }]), /names of files within/],
    ["a path of Windows", zip([main, { name: "C:evil", content }]), /names of files within/],
    [
      "a file of 4 GB",
      zip([main, { name: "archive/data/0", content, size: 0xfffffffe }]),
      /4294967294 bytes/,
    ],
    ["a header elsewhere", zip([main, { name: "archive/data/0", content, header: 5 }]), /a header before/],
    ["compression", zip([{ ...main, method: 8 }]), /as PyTorch writes it; got a compressed one/],
    ["a password", zip([{ ...main, flags: 1 }]), /without a password/],
    ["a name that is there twice", zip([main, main]), /the same name twice/],
    ["no pickle", zip([{ name: "archive/version", content }]), /one data\.pkl in the archive; got 0/],
    ["two pickles", zip([main, { name: "b/data.pkl", content: data }]), /got 2/],
    ["no storage", zip([main]), /a file data\/0 in the archive; got none/],
    ["a storage of another length", zipFile(data, { 0: content.slice(4) }), /storage of 16 bytes; got 12/],
    ["a cut", zipFile(data, { 0: content }).slice(0, -30), /the file is cut short|cannot be read/],
    [
      "numbers in another order",
      zip([main, { name: "archive/byteorder", content: bytesOf("big") }]),
      /little-endian order; got big/,
    ],
    [
      "a program",
      zip([main, { name: "archive/constants.pkl", content: pickle("N") }]),
      /a state dict; got a program of TorchScript/,
    ],
  ])("is refused for %s", (_, bytes, says) => {
    expect(refusal(bytes).message).toMatch(says);
  });

  it("is refused for a directory of a terabyte, and nothing of it is read", () => {
    const bytes = zipFile(data, { 0: content });
    const end = bytesOf("PK\u0006\u0006", uint64(44), new Uint8Array(28), uint64(2n ** 40n), uint64(0));
    const locator = bytesOf("PK\u0006\u0007", uint32(0), uint64(bytes.length - 22), uint32(1));
    const lying = bytesOf(bytes.slice(0, -22), end, locator, bytes.slice(-22));
    expect(refusal(lying).message).toMatch(/the directory\); expected 1099511627776 bytes/);
  });
});

it("a sparse file of a terabyte costs no memory: only its ends are read", () => {
  let most = 0;
  const length = 2 ** 40;
  const source: ByteSource = {
    length,
    read: (begin, end) => {
      most = Math.max(most, end - begin);
      const bytes = new Uint8Array(end - begin);
      if (begin === 0) bytes.set(bytesOf("PK\u0003\u0004"));
      return bytes;
    },
  };
  expect(() => decodeTorch(source)).toThrow(/the record that ends a zip archive/);
  expect(most).toBeLessThan(70_000);
});

it("values that hold themselves, and dictionaries in dictionaries without end, are read", () => {
  const itself = decode(legacyFile(bytesOf("]", "q", 0, "h", 0, "a"))) as unknown[];
  expect(itself[0]).toBe(itself);
  const deep = bytesOf(
    ...Array.from({ length: 5000 }, () => bytesOf("}", text("a"))),
    "N",
    ..."s".repeat(5000),
  );
  expect(decode(legacyFile(deep))).toBeInstanceOf(Map);
});

describe("any bytes give a value or an AfterimageError, in little time", () => {
  const samples = [
    ["zip", fixture("checkpoint.pth")],
    ["legacy", fixture("checkpoint-legacy.pth")],
    ["small legacy", legacyFile(tensor(storage("0", 4), ROW), { 0: FOUR })],
    ["small zip", zipFile(pickle(tensor(storage("0", 4), ROW)), { 0: contentOf(FOUR) })],
  ] as const;

  const holds = async (bytes: Uint8Array) => {
    const start = performance.now();
    await valueOrOurs(() => readAll(decode(bytes)));
    expect(performance.now() - start).toBeLessThan(1000);
  };

  test.each(samples)("made from a %s file", async (_, sample) => {
    await fc.assert(fc.asyncProperty(damaged(sample), holds), { numRuns: 300 });
  });

  test("made of opcodes", async () => {
    const opcode = fc.constantFrom(
      ...[..."NJKMUTX]lae)t}dsu(012qhRbcQ"].map((letter) => bytesOf(letter)),
      ...[0x80, 0x85, 0x86, 0x87, 0x88, 0x8a, 0x8c, 0x8f, 0x90, 0x93, 0x94].map((code) => bytesOf(code)),
      ...[named("collections", "OrderedDict"), named("torch", "Size"), text("x"), int(2)].map((part) =>
        bytesOf(part),
      ),
      ...[storage("0", 4), tensor(storage("0", 4), ROW)],
    );
    const body = fc.array(opcode, { maxLength: 40 }).map((parts) => bytesOf(...parts));
    await fc.assert(
      fc.asyncProperty(body, (bytes) => holds(legacyFile(bytes, { 0: FOUR }))),
      { numRuns: 500 },
    );
  });
});
