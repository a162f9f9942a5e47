/** The wire form of SSH (RFC 4251): lengths of four bytes before every text. */
import { bytesToUtf8, concatBytes, utf8ToBytes } from "../../std/bytes.ts";
import { InterlockError } from "../../std/errors.ts";

export function writeUint32(n: number): Uint8Array {
  return Uint8Array.of(n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
}

export function writeString(text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === "string" ? utf8ToBytes(text) : text;
  return concatBytes(writeUint32(bytes.length), bytes);
}

/** Reads from the beginning; throws `sign/malformed` where the bytes end too early. */
export class SshReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw new InterlockError("sign/malformed", `${this.#what} is cut short`);
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  uint32(): number {
    return this.take(4).reduce((n, byte) => n * 256 + byte, 0);
  }

  string(): Uint8Array {
    return this.take(this.uint32());
  }

  text(): string {
    const bytes = this.string();
    try {
      return bytesToUtf8(bytes);
    } catch {
      throw new InterlockError("sign/malformed", `${this.#what} holds bytes that are no text`);
    }
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
}

/** The bytes between `-----BEGIN NAME-----` and `-----END NAME-----`; undefined without them. */
export function readArmour(text: string, name: string): string | undefined {
  const pattern = new RegExp(
    `^-----BEGIN ${name}-----\\s+([A-Za-z0-9+/=\\s]+)-----END ${name}-----`,
  );
  return pattern.exec(text.trim())?.[1]?.replaceAll(/\s/g, "");
}

export function writeArmour(base64: string, name: string): string {
  const lines = base64.match(/.{1,70}/g) ?? [];
  return [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`, ""].join("\n");
}
