/**
 * Python's pickle, protocols 2 to 5, as data: a small stack machine that runs no code of the file. Values are
 * made by its own opcodes and by the constructors that the reader of a format allows; any other name is
 * refused.
 *
 * Source: the opcodes' descriptions in Python's `Lib/pickletools.py`.
 */
import { AfterimageError } from "../errors.ts";
import type { ByteCursor } from "./byte-cursor.ts";

/** A name of Python that a pickle may mention. */
export class PickleGlobal {
  /** `collections.OrderedDict` */
  readonly name: string;
  /**
   * The value that a call with these arguments gives. Null where the name is a value itself, such as a type.
   */
  readonly make: ((args: readonly unknown[]) => unknown) | null;

  constructor(name: string, make: PickleGlobal["make"] = null) {
    this.name = name;
    this.make = make;
  }
}

/** An object of Python that is kept as what it was made of, and is never looked into. */
export class PickleRecord {
  readonly type: string;
  readonly args: readonly unknown[];
  /** Its attributes, if it was given any. */
  state: unknown = null;

  constructor(type: string, args: readonly unknown[]) {
    this.type = type;
    this.args = args;
  }
}

export interface PickleRules {
  /** The file in words, for errors: `this .pth`. */
  what: string;
  /** The names that are allowed; undefined for any other. */
  find(module: string, name: string): PickleGlobal | undefined;
  /** The object outside of the pickle that has this identifier. */
  persistent(id: unknown): unknown;
}

/**
 * Reads one pickle; the cursor is behind it afterwards. None becomes null, integers numbers or bigints, text
 * strings, bytes Uint8Array, lists arrays, tuples frozen arrays, dictionaries Map, sets Set.
 *
 * @throws AfterimageError `data/format` for bytes that are no pickle, a name that is not allowed, or an
 * opcode that is not known.
 */
export function readPickle(cursor: ByteCursor, rules: PickleRules): unknown {
  const machine = new Machine(cursor, rules);
  for (;;) {
    const opcode = cursor.uint8();
    if (opcode === STOP) return machine.pop();
    const step = STEPS.get(opcode);
    if (step === undefined) throw machine.wrong("an opcode of pickle's protocols 2 to 5", hex(opcode));
    step(machine);
  }
}

const hex = (byte: number) => `0x${byte.toString(16).padStart(2, "0")}`;

/** The stack, and what was put aside for later. */
class Machine {
  readonly cursor: ByteCursor;
  readonly rules: PickleRules;
  readonly memo = new Map<number, unknown>();
  #stack: unknown[] = [];
  /** The stacks below each mark. */
  readonly #below: unknown[][] = [];

  constructor(cursor: ByteCursor, rules: PickleRules) {
    this.cursor = cursor;
    this.rules = rules;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pop(): unknown {
    if (this.#stack.length === 0) throw this.wrong("a value on the stack", "none");
    return this.#stack.pop();
  }

  top(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#below.push(this.#stack);
    this.#stack = [];
  }

  /** The values above the last mark, which is removed with them. */
  popToMark(): unknown[] {
    const below = this.#below.pop();
    if (below === undefined) throw this.wrong("a mark on the stack", "none");
    const values = this.#stack;
    this.#stack = below;
    return values;
  }

  /** The bytes of text or data whose length is in the file. */
  bytes(length: number): Uint8Array {
    return this.cursor.take(length).slice();
  }

  text(length: number): string {
    return new TextDecoder().decode(this.cursor.take(length));
  }

  line(): string {
    return new TextDecoder().decode(this.cursor.line());
  }

  global(module: unknown, name: unknown): PickleGlobal {
    if (typeof module !== "string" || typeof name !== "string") throw this.wrong("a name", typeof name);
    const found = this.rules.find(module, name);
    if (found !== undefined) return found;
    throw new AfterimageError("data/format", {
      what: `${this.rules.what} would run ${shorten(`${module}.${name}`)}, and reading weights runs nothing`,
      expected: "tensors, plain containers, and the few types that checkpoints are made of",
      todo: "If you trust the file, load it in Python and save its state dict as safetensors.",
    });
  }

  wrong(expected: string, got: string): AfterimageError {
    return new AfterimageError("data/format", {
      what: `${this.rules.what} holds a pickle that cannot be read`,
      where: `byte ${this.cursor.position}`,
      expected,
      got,
    });
  }
}

const shorten = (text: string) => (text.length <= 120 ? text : `${text.slice(0, 119)}…`);

const STOP = codeOf(".");
function codeOf(letter: string): number {
  return letter.charCodeAt(0);
}

type Step = (machine: Machine) => void;

/** Steps by their opcodes' letters in `pickletools`; those without a letter there by number. */
const STEPS: ReadonlyMap<number, Step> = new Map<number, Step>([
  // Frames
  [0x80, (m) => requireProtocol(m, m.cursor.uint8())],
  [0x95, (m) => requireRoom(m, m.cursor.uint64())],
  // Constants
  [codeOf("N"), (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [codeOf("J"), (m) => m.push(m.cursor.int32())],
  [codeOf("K"), (m) => m.push(m.cursor.uint8())],
  [codeOf("M"), (m) => m.push(m.cursor.uint16())],
  [0x8a, (m) => m.push(integer(m, m.cursor.uint8()))],
  [0x8b, (m) => m.push(integer(m, m.cursor.uint32()))],
  [codeOf("G"), (m) => m.push(m.cursor.float64BigEndian())],
  // Text and bytes. What Python 2 wrote as a string is read as text.
  [codeOf("U"), (m) => m.push(m.text(m.cursor.uint8()))],
  [codeOf("T"), (m) => m.push(m.text(m.cursor.uint32()))],
  [0x8c, (m) => m.push(m.text(m.cursor.uint8()))],
  [codeOf("X"), (m) => m.push(m.text(m.cursor.uint32()))],
  [0x8d, (m) => m.push(m.text(m.cursor.uint64()))],
  [codeOf("C"), (m) => m.push(m.bytes(m.cursor.uint8()))],
  [codeOf("B"), (m) => m.push(m.bytes(m.cursor.uint32()))],
  [0x8e, (m) => m.push(m.bytes(m.cursor.uint64()))],
  [0x96, (m) => m.push(m.bytes(m.cursor.uint64()))],
  // Containers
  [codeOf("]"), (m) => m.push([])],
  [codeOf("l"), (m) => m.push(m.popToMark())],
  [codeOf("a"), (m) => extend(m, [m.pop()])],
  [codeOf("e"), (m) => extend(m, m.popToMark())],
  [codeOf(")"), (m) => m.push(Object.freeze([]))],
  [codeOf("t"), (m) => m.push(Object.freeze(m.popToMark()))],
  [0x85, (m) => m.push(tuple(m, 1))],
  [0x86, (m) => m.push(tuple(m, 2))],
  [0x87, (m) => m.push(tuple(m, 3))],
  [codeOf("}"), (m) => m.push(new Map())],
  [codeOf("d"), (m) => m.push(fill(m, new Map(), m.popToMark()))],
  [codeOf("s"), (m) => setItems(m, [...tuple(m, 2)])],
  [codeOf("u"), (m) => setItems(m, m.popToMark())],
  [0x8f, (m) => m.push(new Set())],
  [0x90, (m) => addItems(m, m.popToMark())],
  [0x91, (m) => m.push(new Set(m.popToMark()))],
  // The stack
  [codeOf("("), (m) => m.mark()],
  [codeOf("0"), (m) => void m.pop()],
  [codeOf("1"), (m) => void m.popToMark()],
  [codeOf("2"), (m) => m.push(m.top())],
  // The memo
  [codeOf("q"), (m) => m.memo.set(m.cursor.uint8(), m.top())],
  [codeOf("r"), (m) => m.memo.set(m.cursor.uint32(), m.top())],
  [0x94, (m) => m.memo.set(m.memo.size, m.top())],
  [codeOf("h"), (m) => m.push(recall(m, m.cursor.uint8()))],
  [codeOf("j"), (m) => m.push(recall(m, m.cursor.uint32()))],
  // Objects
  [codeOf("c"), (m) => m.push(m.global(m.line(), m.line()))],
  [0x93, (m) => m.push(named(m))],
  [codeOf("R"), (m) => m.push(call(m))],
  [0x81, (m) => m.push(call(m))],
  [0x92, (m) => m.push(callWithNames(m))],
  [codeOf("b"), (m) => giveState(m, m.pop())],
  [codeOf("Q"), (m) => m.push(m.rules.persistent(m.pop()))],
]);

function requireProtocol(m: Machine, protocol: number): void {
  if (protocol < 2 || protocol > 5) throw m.wrong("a pickle of protocol 2 to 5", `${protocol}`);
}

/** A frame says how many bytes follow, so that they can be read at once. */
function requireRoom(m: Machine, length: number): void {
  if (length > m.cursor.remaining) throw m.wrong(`a frame of ${length} bytes`, `${m.cursor.remaining}`);
}

/** No integer of a checkpoint has more bytes: a hash has 64. */
const LONGEST_INTEGER = 128;

/** Two's complement, little-endian; a number where it is exact, otherwise a bigint. */
function integer(m: Machine, length: number): number | bigint {
  if (length > LONGEST_INTEGER) throw m.wrong(`an integer of at most ${LONGEST_INTEGER} bytes`, `${length}`);
  const bytes = m.cursor.take(length);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  const signed = BigInt.asIntN(8 * length, value);
  const narrow = Number(signed);
  return Number.isSafeInteger(narrow) ? narrow : signed;
}

function tuple(m: Machine, count: number): readonly unknown[] {
  const values = Array.from({ length: count }, () => m.pop());
  return Object.freeze(values.reverse());
}

function extend(m: Machine, values: readonly unknown[]): void {
  const list = m.top();
  if (!Array.isArray(list) || Object.isFrozen(list)) throw m.wrong("a list to add to", kindOf(list));
  for (const value of values) list.push(value);
}

function setItems(m: Machine, items: readonly unknown[]): void {
  const map = m.top();
  if (!(map instanceof Map)) throw m.wrong("a dictionary to add to", kindOf(map));
  fill(m, map, items);
}

/** Keys and values, one after the other. */
function fill(m: Machine, map: Map<unknown, unknown>, items: readonly unknown[]): Map<unknown, unknown> {
  if (items.length % 2 !== 0) throw m.wrong("a value for each key", `${items.length} keys and values`);
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  return map;
}

function addItems(m: Machine, items: readonly unknown[]): void {
  const set = m.top();
  if (!(set instanceof Set)) throw m.wrong("a set to add to", kindOf(set));
  for (const item of items) set.add(item);
}

function recall(m: Machine, at: number): unknown {
  if (!m.memo.has(at)) throw m.wrong("a value that was put aside", `none at ${at}`);
  return m.memo.get(at);
}

function named(m: Machine): PickleGlobal {
  const [module, name] = tuple(m, 2);
  return m.global(module, name);
}

function call(m: Machine): unknown {
  const [callable, args] = tuple(m, 2);
  if (!(callable instanceof PickleGlobal) || callable.make === null)
    throw m.wrong("a constructor", kindOf(callable));
  if (!Array.isArray(args)) throw m.wrong("a tuple of arguments", kindOf(args));
  return callable.make(args);
}

/** Arguments by name are of no type that is allowed. */
function callWithNames(m: Machine): unknown {
  const names = m.pop();
  if (!(names instanceof Map) || names.size > 0) throw m.wrong("no arguments by name", kindOf(names));
  return call(m);
}

/** Attributes: kept with a record; containers and tensors have none that matter. */
function giveState(m: Machine, state: unknown): void {
  const target = m.top();
  if (target instanceof PickleGlobal) throw m.wrong("an object to give attributes to", target.name);
  if (target instanceof PickleRecord) target.state = state;
}

function kindOf(value: unknown): string {
  if (value === null) return "None";
  if (value instanceof PickleGlobal) return value.name;
  return typeof value === "object" ? value.constructor.name : typeof value;
}
