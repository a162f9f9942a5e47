import { packCharter, type SignedCharter } from "../core/charter/signing.ts";
import { writeSigners } from "../core/sign/signers.ts";
import { toSigner } from "../engine/signers.ts";
import { getLoopTerms } from "../engine/terms.ts";
import {
  type CharterRow,
  findWithdrawal,
  listCharters,
  listSignatures,
} from "../store/table/charter.ts";
import { listSigningKeys } from "../store/table/signing-key.ts";
import { getWiring, inputSchema, LOOP_FIELD, type Operation } from "./operation.ts";

export type CharterVersion = CharterRow & {
  /** The version that the loop works under now, or would, once signed. */
  readonly stands: boolean;
  readonly signed: SignedCharter;
  readonly signedBy: ReadonlyArray<{ readonly party: string; readonly person: string }>;
};

export type CharterVersions = {
  readonly versions: ReadonlyArray<CharterVersion>;
  /** The keys that verify them, in OpenSSH's form of allowed signers. */
  readonly signers: string;
};

export const charterList: Operation<{ readonly loop: string }, CharterVersions> = {
  name: "charter.list",
  summary: "Every version of a loop's charter, the newest first, with its signatures.",
  access: "viewer",
  errors: ["loop/not-found"],
  input: inputSchema({ loop: LOOP_FIELD }),
  async handler(context, { loop }) {
    const { name } = getWiring(context, loop);
    const { driver } = context.engine.context;
    const standing = await getLoopTerms(driver, name);
    const versions: CharterVersion[] = [];
    for (const row of await listCharters(driver, name)) {
      const signatures = await listSignatures(driver, row.hash);
      const withdrawal = await findWithdrawal(driver, row.hash);
      versions.push({
        ...row,
        stands: row.hash === standing.charterHash,
        signed: packCharter(
          row.charter,
          signatures,
          withdrawal && { envelope: withdrawal.envelope, receivedAt: withdrawal.withdrawn_at },
        ),
        signedBy: signatures.map(({ party, person }) => ({ party, person })),
      });
    }
    return { versions, signers: writeSigners((await listSigningKeys(driver)).map(toSigner)) };
  },
};
