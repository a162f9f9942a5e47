import { CASE_FILE_FORMAT, type CaseFile } from "../core/case/case-file.ts";
import { retraceCase, type Told } from "../core/case/retrace.ts";
import { packCharter } from "../core/charter/signing.ts";
import { proveInclusion } from "../core/ledger/proof.ts";
import { writePublicKey } from "../core/sign/ssh-key.ts";
import { toSigner } from "../engine/signers.ts";
import { getTerms } from "../engine/terms.ts";
import type { Terms } from "../core/case/types.ts";
import { InterlockError } from "../std/errors.ts";
import { listSignatures } from "../store/table/charter.ts";
import { listHouseEntries, listLedgerOfCase, readTree } from "../store/table/ledger.ts";
import { findSigningKey } from "../store/table/signing-key.ts";
import { CASE_FIELD, inputSchema, type Operation } from "./operation.ts";
import { getCase } from "./show-case.ts";

export const caseExport: Operation<{ readonly id: string }, CaseFile> = {
  name: "case.export",
  summary:
    "One case with its papers, signatures, entries and proofs, in a file that verifies alone.",
  access: "viewer",
  errors: ["case/not-found", "ledger/no-key", "ledger/other-key", "ledger/broken"],
  input: inputSchema({ id: CASE_FIELD }),
  async handler(context, { id }) {
    const { driver } = context.engine.context;
    await getCase(context, id);
    const over = await context.engine.heads.sign();
    const own = (await listLedgerOfCase(driver, id)).filter(({ n }) => n <= (over?.size ?? 0));
    const told = own.map(({ text }) => JSON.parse(text) as Told);
    const terms = new Map<string, Terms>();
    for (const { contract, charter } of told) {
      if (contract === undefined || charter === undefined) continue;
      const key = `${contract} ${charter}`;
      if (!terms.has(key)) terms.set(key, await getTerms(driver, contract, charter));
    }
    const retraced = retraceCase(told, (contract, charter) => terms.get(`${contract} ${charter}`));
    if (over === undefined || "fault" in retraced) {
      const why = "fault" in retraced ? `entry ${retraced.fault.n}: ${retraced.fault.why}` : "";
      throw new InterlockError(
        "ledger/broken",
        `the case does not follow from its entries: ${why}`,
      );
    }
    const contracts = new Map([...terms.values()].map((one) => [one.contractHash, one.contract]));
    const charters = new Map([...terms.values()].map((one) => [one.charterHash, one.charter]));
    const signed = await Promise.all(
      [...charters].map(async ([hash, charter]) => {
        return packCharter(charter, await listSignatures(driver, hash));
      }),
    );
    const keyIds = new Set([
      ...signed.flatMap(({ receivedAt }) => Object.keys(receivedAt)),
      ...told.flatMap(({ kind, body }) => (kind === "vote.cast" ? voteKeyOf(body) : [])),
    ]);
    const keys = await Promise.all([...keyIds].map((keyId) => findSigningKey(driver, keyId)));
    const house = await listHouseEntries(driver, [...charters.keys()], [...keyIds], over.size);
    const entries = [...own, ...house].sort((a, b) => a.n - b.n);
    const paths = await readTree(driver, (reader, hasher) =>
      entries.map(({ n }) => proveInclusion(n, over.size, reader, hasher)),
    );
    return {
      format: CASE_FILE_FORMAT,
      case: retraced.case,
      contracts: [...contracts.values()],
      charters: signed,
      keys: keys.flatMap((row) =>
        row === undefined ? [] : [writePublicKey(toSigner(row).key, "")],
      ),
      entries: entries.map(({ n, text }, index) => ({ n, text, path: paths[index] ?? [] })),
      head: over.envelope,
      key: context.engine.heads.key,
    };
  },
};

function voteKeyOf(body: Told["body"]): ReadonlyArray<string> {
  const { vote } = body["event"] as unknown as {
    readonly vote: { readonly proof: { readonly kind: string; readonly keyId?: string } };
  };
  return vote.proof.keyId === undefined ? [] : [vote.proof.keyId];
}
