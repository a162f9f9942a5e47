/**
 * The dashboard's files, read once and served from memory.
 *
 * Their names carry a hash of what is in them, so they may be kept for ever; the page that names them may
 * not. Nothing is looked up on the disk by what a request says.
 */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

export type WebFiles = ReadonlyMap<string, Response>;

const TYPES: { readonly [extension: string]: string } = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** No inline script, no inline style, nobody else's frame, nothing from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE_HEADERS = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

/** By address; empty where the dashboard was not built. */
export function readWebFiles(directory: string): WebFiles {
  const files = new Map<string, Response>();
  for (const path of listFiles(directory)) {
    const address = `/${relative(directory, path).split(sep).join("/")}`;
    const isPage = address === "/index.html";
    const headers = {
      "content-type": TYPES[extname(path)] ?? "application/octet-stream",
      "cache-control": isPage ? "no-cache" : "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      ...(isPage ? PAGE_HEADERS : {}),
    };
    files.set(isPage ? "/" : address, new Response(readFileSync(path), { headers }));
  }
  return files;
}

function listFiles(directory: string): ReadonlyArray<string> {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
}
