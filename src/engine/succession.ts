/** May one version of a contract follow another? */
import type { Contract } from "../core/contract/types.ts";
import { compareVersions } from "../core/contract/version.ts";
import { canonicalJson } from "../std/canonical-json.ts";

export type Succession = { readonly allowed: boolean; readonly why: string };

export function judgeSuccession(previous: Contract, next: Contract): Succession {
  if (compareVersions(next.version, previous.version) <= 0) {
    return { allowed: false, why: "it is not newer" };
  }
  const promise = ({ payload, options, subject, sender, receiver }: Contract) =>
    canonicalJson({ payload, options, subject, sender, receiver });
  const isMajor = majorOf(next.version) > majorOf(previous.version);
  return isMajor || promise(previous) === promise(next)
    ? { allowed: true, why: "" }
    : { allowed: false, why: "what is promised changed, so it needs a new major version" };
}

function majorOf(version: string): number {
  return Number(version.split(".")[0]);
}
