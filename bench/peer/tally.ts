/** Counts what is done, and tells whoever waits for a number. */
export class Tally {
  #done = 0;
  readonly #waiting: { readonly count: number; readonly wake: () => void }[] = [];

  add(count: number): void {
    this.#done += count;
    for (const one of this.#waiting.filter((each) => each.count <= this.#done)) {
      this.#waiting.splice(this.#waiting.indexOf(one), 1);
      one.wake();
    }
  }

  reached(count: number): Promise<void> {
    return new Promise((wake) => {
      this.#waiting.push({ count, wake });
      this.add(0);
    });
  }
}
