/**
 * Bodies, within limits: one body has a size, and all bodies that are being read together have one, so
 * that no number of callers can fill the memory.
 */
import { RefusedRequest } from "./errors.ts";

export const KB = 1024;
/** Bytes of bodies held at one time, over all callers. */
const BODIES_BYTES_MAX = 64 * 1024 * KB;

export class BodyReader {
  #held = 0;

  /** Reads the body, gives it to `work` and counts its bytes as held until `work` is done. */
  async read<T>(
    request: Request,
    bytesMax: number,
    work: (body: Uint8Array) => Promise<T>,
  ): Promise<T> {
    refuseEncoded(request);
    const length = declaredLength(request);
    if (length !== undefined && length > bytesMax) throw tooLarge(bytesMax);
    const reserved = length ?? bytesMax;
    if (this.#held + reserved > BODIES_BYTES_MAX) {
      throw new RefusedRequest("server/too-many-requests", "too many bodies arrive at once", {
        retry: "later",
        help: "wait, and send it again",
      });
    }
    this.#held += reserved;
    try {
      return await work(await readAll(request, bytesMax));
    } finally {
      this.#held -= reserved;
    }
  }
}

function declaredLength(request: Request): number | undefined {
  const text = request.headers.get("content-length");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function refuseEncoded(request: Request): void {
  const encoding = request.headers.get("content-encoding");
  if (encoding === null || encoding === "identity") return;
  throw new RefusedRequest("server/unsupported-media-type", "the body is compressed", {
    path: "/headers/content-encoding",
    help: "send it as it is, without a content-encoding",
  });
}

async function readAll(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of request.body as ReadableStream<Uint8Array>) {
      bytes += part.byteLength;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      parts.push(part);
    }
  } catch (thrown) {
    if (thrown instanceof RefusedRequest) throw thrown;
    throw new RefusedRequest("server/invalid-request", "the body broke off", { cause: thrown });
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

function tooLarge(bytesMax: number): RefusedRequest {
  const message = `the body has more than ${Math.floor(bytesMax / KB)} KB`;
  return new RefusedRequest("server/too-large", message, {
    // What is still on its way would be read for nothing.
    headers: { connection: "close" },
  });
}
