/**
 * Decision nodes, each kept once: a level and one child for every cell of that level's dimension.
 *
 * Nodes with the same level and children are the same number, so equal parts of a diagram are one part
 * and comparing two of them is comparing numbers. Numbers below `terminals` are leaves.
 */
export class NodeStore {
  readonly terminals: number;
  readonly #sizes: ReadonlyArray<number>;
  #levels = new Int32Array(256);
  #offsets = new Int32Array(256);
  #children = new Int32Array(4_096);
  #used = 0;
  #count = 0;
  #slots = new Int32Array(1_024).fill(-1);

  /** `sizes` are the numbers of cells, level by level. */
  constructor(terminals: number, sizes: ReadonlyArray<number>) {
    this.terminals = terminals;
    this.#sizes = sizes;
  }

  /** Nodes that are no leaves. */
  get count(): number {
    return this.#count;
  }

  /** Children of all nodes together: what the memory goes with. */
  get edges(): number {
    return this.#used;
  }

  /** Of a leaf: the level after the last. */
  levelOf(node: number): number {
    if (node < this.terminals) return this.#sizes.length;
    return this.#levels[node - this.terminals] ?? 0;
  }

  childOf(node: number, cell: number): number {
    return this.#children[(this.#offsets[node - this.terminals] ?? 0) + cell] ?? 0;
  }

  intern(level: number, children: Int32Array): number {
    if ((this.#count + 1) * 2 > this.#slots.length) this.#rehash();
    const size = this.#sizes[level] ?? 0;
    let slot = hash(level, children, size) & (this.#slots.length - 1);
    for (;;) {
      const index = this.#slots[slot] ?? -1;
      if (index === -1) break;
      if (this.#levels[index] === level && this.#isSame(index, children, size)) {
        return index + this.terminals;
      }
      slot = (slot + 1) & (this.#slots.length - 1);
    }
    const index = this.#append(level, children, size);
    this.#slots[slot] = index;
    return index + this.terminals;
  }

  #isSame(index: number, children: Int32Array, size: number): boolean {
    const offset = this.#offsets[index] ?? 0;
    for (let i = 0; i < size; i++) if (this.#children[offset + i] !== children[i]) return false;
    return true;
  }

  #append(level: number, children: Int32Array, size: number): number {
    const index = this.#count++;
    if (index >= this.#levels.length) {
      this.#levels = grown(this.#levels, index + 1);
      this.#offsets = grown(this.#offsets, index + 1);
    }
    if (this.#used + size > this.#children.length) {
      this.#children = grown(this.#children, this.#used + size);
    }
    this.#levels[index] = level;
    this.#offsets[index] = this.#used;
    for (let i = 0; i < size; i++) this.#children[this.#used + i] = children[i] ?? 0;
    this.#used += size;
    return index;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let index = 0; index < this.#count; index++) {
      const level = this.#levels[index] ?? 0;
      const offset = this.#offsets[index] ?? 0;
      const size = this.#sizes[level] ?? 0;
      const children = this.#children.subarray(offset, offset + size);
      let slot = hash(level, children, size) & (this.#slots.length - 1);
      while (this.#slots[slot] !== -1) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = index;
    }
  }
}

function grown(array: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, array.length * 2));
  larger.set(array);
  return larger;
}

/** FNV-1a over whole numbers. */
function hash(level: number, children: Int32Array, size: number): number {
  let h = 0x811c9dc5 ^ level;
  for (let i = 0; i < size; i++) h = Math.imul(h ^ (children[i] ?? 0), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
