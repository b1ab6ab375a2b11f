/** The tensors of a network under our names, put together from their parts. */
import { firstNotFinite } from "../data/first-not-finite.ts";
import { AfterimageError } from "../errors.ts";
import { floatsOf, type StoredArray } from "../formats/index.ts";
import { elementCount } from "../formats/named-array.ts";
import type { FoundNetwork } from "./find-network.ts";
import { rename } from "./naming.ts";
import type { WeightSource } from "./weight-source.ts";

/** A tensor under our name; its elements are read when they are asked for. */
export interface OurTensor {
  readonly shape: readonly number[];
  load(): Float32Array;
}

export interface RenamedTensors {
  ours: Map<string, OurTensor>;
  /** Tensors of the network that this version has no place for. */
  leftOver: NamedShape[];
  /** Parts of ours that are missing. */
  missing: NamedShape[];
  /** Tensors that belong to the network and not to its features. */
  leftOut: { name: string; why: string }[];
  /** The number of tensors of the file that are elsewhere. */
  elsewhere: number;
}

export interface NamedShape {
  name: string;
  shape: readonly number[];
}

interface Piece {
  name: string;
  stored: StoredArray;
}

export function renameTensors({ tensors }: WeightSource, { naming, prefix }: FoundNetwork): RenamedTensors {
  const pieces = new Map<string, (Piece | undefined)[]>();
  const result: RenamedTensors = { ours: new Map(), leftOver: [], missing: [], leftOut: [], elsewhere: 0 };
  for (const [name, stored] of tensors) {
    if (!name.startsWith(prefix)) {
      result.elsewhere++;
      continue;
    }
    const renamed = rename(naming, name.slice(prefix.length));
    if (renamed?.kind === "left out") result.leftOut.push({ name, why: renamed.why });
    else if (renamed === null || !place(pieces, renamed, { name, stored }))
      result.leftOver.push({ name, shape: stored.shape });
  }
  for (const [name, parts] of pieces) join(result, name, parts);
  return result;
}

/** Puts a piece where it belongs; false if another one is there. */
function place(
  pieces: Map<string, (Piece | undefined)[]>,
  { name, part, parts }: { name: string; part: number; parts: number },
  piece: Piece,
): boolean {
  const known = pieces.get(name) ?? new Array<Piece | undefined>(parts).fill(undefined);
  if (known.length !== parts || known[part] !== undefined) return false;
  known[part] = piece;
  pieces.set(name, known);
  return true;
}

function join(result: RenamedTensors, name: string, parts: readonly (Piece | undefined)[]): void {
  const present = parts.filter((part) => part !== undefined);
  if (present.length < parts.length) {
    const gaps = parts.flatMap((part, at) => (part === undefined ? [at + 1] : []));
    const { shape } = present[0]!.stored;
    result.missing.push(...gaps.map((at) => ({ name: `${name}, part ${at} of ${parts.length}`, shape })));
    return;
  }
  const uneven = present.find(({ stored }) => `${stored.shape}` !== `${present[0]!.stored.shape}`);
  if (uneven !== undefined) result.leftOver.push({ name: uneven.name, shape: uneven.stored.shape });
  else result.ours.set(name, joined(present));
}

/** Pieces of the same shape one above the other. */
function joined(pieces: readonly Piece[]): OurTensor {
  const { shape } = pieces[0]!.stored;
  if (pieces.length === 1) return { shape, load: () => finiteFloats(pieces[0]!) };
  const whole = [shape[0]! * pieces.length, ...shape.slice(1)];
  const load = () => {
    const data = new Float32Array(elementCount(whole));
    for (const [at, piece] of pieces.entries()) data.set(finiteFloats(piece), at * elementCount(shape));
    return data;
  };
  return { shape: whole, load };
}

function finiteFloats({ name, stored }: Piece): Float32Array {
  const data = floatsOf(stored.load());
  const at = firstNotFinite(data);
  if (at < 0) return data;
  throw new AfterimageError("data/format", {
    what: "the weights hold numbers that are not finite",
    where: name,
    got: `${data[at]}`,
  });
}
