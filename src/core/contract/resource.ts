/**
 * Names of what can be changed outside: `ads:google/1234567890/geo/IN/IN-S-bihar/IN-800001`,
 * `inventory:SKU-7/BLR-2`.
 *
 * A system, a colon, parts by slashes from the whole to the part. A resource contains every other whose
 * name goes on from its own after a slash, so a state contains its pincodes, and two claims overlap when
 * one contains the other.
 */
const NAME = /^[a-z][a-z0-9-]{0,30}:[^\s/]+(\/[^\s/]+)*$/;
const CHARS_MAX = 500;

export function isResource(name: string): boolean {
  return name.length <= CHARS_MAX && NAME.test(name);
}

export function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** System and first part: claims that could overlap have the same. */
export function rootOf(resource: string): string {
  return resource.split("/", 1)[0] ?? resource;
}

/** The resource and everything that contains it, the widest first. */
export function containersOf(resource: string): ReadonlyArray<string> {
  const parts = resource.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
