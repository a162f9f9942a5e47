/** A letter that comes in, read as far as a reply needs it: who wrote it, to which address, and the words. */
import PostalMime, { type Address } from "postal-mime";

export type MailReply = {
  /** Of the one author; empty where there is none, or several. */
  readonly from: string;
  /** Every address that it was sent or delivered to. */
  readonly to: ReadonlyArray<string>;
  readonly text: string;
  /** Written by a program: an answer of its own accord, a bounce, a list. */
  readonly isAutomatic: boolean;
  /** What the named receiving server found out about the author's domain; undefined where it says nothing. */
  readonly authentication: "pass" | "fail" | undefined;
};

/** `authority` is the name under which one's own mail server writes what it found out. */
export async function readMailReply(
  bytes: Uint8Array,
  authority: string | undefined,
): Promise<MailReply> {
  const letter = await PostalMime.parse(bytes);
  const headers = (name: string): ReadonlyArray<string> =>
    letter.headers.filter(({ key }) => key === name).map(({ value }) => value);
  const authors = headers("from").length === 1 ? addressesOf([letter.from]) : [];
  const from = authors.length === 1 ? (authors[0] ?? "") : "";
  const sent = headers("auto-submitted")[0]?.trim().toLowerCase() ?? "no";
  return {
    from,
    to: [
      ...addressesOf([...(letter.to ?? []), ...(letter.cc ?? [])]),
      ...headers("delivered-to"),
      ...headers("x-original-to"),
    ].map((address) => address.trim().toLowerCase()),
    text: letter.text ?? "",
    isAutomatic:
      sent !== "no" ||
      headers("precedence").some((value) => /bulk|junk|list|auto/i.test(value)) ||
      ["x-autoreply", "x-autorespond", "list-id"].some((name) => headers(name).length > 0) ||
      from === "" ||
      headers("return-path").some((value) => value.trim() === "<>"),
    authentication:
      authority === undefined
        ? undefined
        : findResult(headers("authentication-results"), authority, from),
  };
}

function addressesOf(given: ReadonlyArray<Address | undefined>): ReadonlyArray<string> {
  return given.flatMap((one) => {
    if (one === undefined) return [];
    if (one.group !== undefined) return one.group.map(({ address = "" }) => address);
    return one.address === undefined ? [] : [one.address];
  });
}

/**
 * By the topmost header of the authority alone: below it stands what the sender may have written. DKIM or
 * DMARC has to pass for the author's own domain. A chain of ARC alone proves who forwarded, not who wrote; a
 * server that trusts the forwarder says so by DMARC.
 */
function findResult(
  results: ReadonlyArray<string>,
  authority: string,
  from: string,
): "pass" | "fail" | undefined {
  const ours = results.find(
    (value) => value.trim().split(/[\s;]/)[0]?.toLowerCase() === authority.toLowerCase(),
  );
  if (ours === undefined) return undefined;
  const domain = from.split("@")[1]?.toLowerCase() ?? "";
  const isPassed = ours.split(";").some((part) => {
    if (!/^\s*(?:dkim|dmarc)=pass\b/i.test(part)) return false;
    const shown = /\bheader\.(?:d|i|from)=@?([^\s;]+)/i.exec(part)?.[1]?.toLowerCase() ?? "";
    const signer = shown.split("@").at(-1) ?? "";
    return signer.includes(".") && (domain === signer || domain.endsWith(`.${signer}`));
  });
  return isPassed ? "pass" : "fail";
}
