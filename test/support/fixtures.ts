import { readFileSync } from "node:fs";
import { decodeSafetensors, type NamedArray, type NamedArrays } from "../../src/formats/safetensors.ts";
import { deterministicWeight } from "./deterministic.ts";

/**
 * One file of test/fixtures. scripts/README.md lists every entry; metadata holds versions, command and
 * settings.
 */
export class Fixture {
  readonly arrays: NamedArrays;
  readonly metadata: Record<string, string>;
  readonly #theme: string;

  constructor(theme: string, bytes: Uint8Array) {
    const { arrays, metadata } = decodeSafetensors(bytes);
    this.#theme = theme;
    this.arrays = arrays;
    this.metadata = metadata;
  }

  /**
   * @throws Error with the fixture's name if there is no such entry. Otherwise a misspelt name could pass as
   * agreement.
   */
  get(name: string): NamedArray {
    const array = this.arrays.get(name);
    if (array === undefined) throw new Error(`no entry ${name} in the fixture ${this.#theme}`);
    return array;
  }

  shape(name: string): readonly number[] {
    return this.get(name).shape;
  }

  /** A float32 entry. */
  floats(name: string): Float32Array {
    const { data, dtype } = this.get(name);
    if (!(data instanceof Float32Array))
      throw new Error(`${name} in the fixture ${this.#theme} is ${dtype}, not F32`);
    return data;
  }

  /** An entry of any type as plain numbers. */
  numbers(name: string): number[] {
    return Array.from(this.get(name).data, Number);
  }

  /** The single number of an entry with one element. */
  scalar(name: string): number {
    const numbers = this.numbers(name);
    if (numbers.length !== 1)
      throw new Error(`${name} in the fixture ${this.#theme} has ${numbers.length} elements`);
    return numbers[0]!;
  }

  /** The rest of each name that begins with `prefix`: `endings("resnet18/grad/")` lists the parameters. */
  endings(prefix: string): string[] {
    return [...this.arrays.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  }

  /** A setting that the script wrote as JSON into the metadata. */
  setting<T>(key: string): T {
    const text = this.metadata[key];
    if (text === undefined) throw new Error(`no setting ${key} in the fixture ${this.#theme}`);
    return JSON.parse(text) as T;
  }

  /**
   * A network's weight: the stored `<case>/weight/<name>` if there is one, otherwise the deterministic
   * weight.
   */
  weight(networkCase: string, name: string, shape: readonly number[]): Float32Array {
    const stored = `${networkCase}/weight/${name}`;
    return this.arrays.has(stored) ? this.floats(stored) : deterministicWeight(name, shape);
  }
}

/** Reads test/fixtures/<theme>.safetensors. */
export function readFixture(theme: string): Fixture {
  return new Fixture(theme, readFileSync(new URL(`../fixtures/${theme}.safetensors`, import.meta.url)));
}
