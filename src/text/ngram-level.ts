/**
 * All n-grams of one length, as the nodes of a trie: the parent is the n-gram without its last word, among
 * those that are one word shorter. Typed arrays that grow by a half hold them; 16 bytes each, and 5.3 to 10.7
 * for the slots by which they are found.
 */

/** No n-gram. */
export const NONE = -1;

const FIRST_CAPACITY = 64;

export class NgramLevel {
  #size = 0;
  #parents = new Uint32Array(FIRST_CAPACITY);
  #words = new Uint32Array(FIRST_CAPACITY);
  #counts = new Uint32Array(FIRST_CAPACITY);
  #suffixes = new Uint32Array(FIRST_CAPACITY);
  /** An n-gram's number plus 1, or 0, at the first free place from that of its hash on. */
  #slots = new Uint32Array(2 * FIRST_CAPACITY);

  /** The number of different n-grams. They are numbered in the order in which they came. */
  get size(): number {
    return this.#size;
  }

  /** By n-gram: the number of the n-gram without its last word. */
  get parents(): Uint32Array {
    return this.#parents.subarray(0, this.#size);
  }

  /** By n-gram: its last word. */
  get words(): Uint32Array {
    return this.#words.subarray(0, this.#size);
  }

  /** By n-gram: how often it occurs. */
  get counts(): Uint32Array {
    return this.#counts.subarray(0, this.#size);
  }

  /** By n-gram: the number of the n-gram without its first word. */
  get suffixes(): Uint32Array {
    return this.#suffixes.subarray(0, this.#size);
  }

  /** Bytes of the arrays. */
  get bytes(): number {
    return 16 * this.#parents.length + 4 * this.#slots.length;
  }

  /** The number of the n-gram that is `parent` and `word`, {@link NONE} if there is none. */
  find(parent: number, word: number): number {
    return this.#slots[this.#slotOf(parent, word)]! - 1;
  }

  /** Counts an n-gram `count` times, and gives its number. `suffix` is asked for only when it is new. */
  add(parent: number, word: number, suffix: number, count = 1): number {
    const slot = this.#slotOf(parent, word);
    const known = this.#slots[slot]! - 1;
    if (known !== NONE) {
      this.#counts[known]! += count;
      return known;
    }
    const id = this.#size;
    if (id === this.#parents.length) this.#growNodes();
    this.#parents[id] = parent;
    this.#words[id] = word;
    this.#counts[id] = count;
    this.#suffixes[id] = suffix;
    this.#slots[slot] = id + 1;
    this.#size = id + 1;
    if (4 * this.#size > 3 * this.#slots.length) this.#growSlots();
    return id;
  }

  #slotOf(parent: number, word: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(parent, word) & mask;
    for (let entry = this.#slots[slot]!; entry !== 0; entry = this.#slots[slot]!) {
      if (this.#parents[entry - 1] === parent && this.#words[entry - 1] === word) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #growNodes(): void {
    const grown = (old: Uint32Array) => {
      const larger = new Uint32Array(Math.ceil(1.5 * old.length));
      larger.set(old);
      return larger;
    };
    this.#parents = grown(this.#parents);
    this.#words = grown(this.#words);
    this.#counts = grown(this.#counts);
    this.#suffixes = grown(this.#suffixes);
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let slot = hash(this.#parents[id]!, this.#words[id]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id + 1;
    }
  }
}

/** The finaliser of MurmurHash3 over both numbers. */
function hash(parent: number, word: number): number {
  let h = Math.imul(parent, 0x9e3779b1) ^ Math.imul(word + 1, 0x85ebca6b);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
