/** Every head that was signed, page by page, oldest first; the last page is empty and has the key all the same. */
import { ledgerHeads } from "../operation/list-heads.ts";
import type { CallOperation } from "../operation/operation.ts";

export async function* listHeadPages(call: CallOperation) {
  for (let after = 0; ;) {
    const page = await call(ledgerHeads, { after });
    yield page;
    const last = page.heads.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
