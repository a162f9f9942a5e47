/** From error codes to exit codes: 2 for a wrong call, 3 for "checked, and it does not hold". */
import type { ErrorCode } from "../std/errors.ts";

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_DOES_NOT_HOLD = 3;

const EXIT_CODES: { readonly [code in ErrorCode]?: number } = {
  "cli/usage": EXIT_USAGE,
  "twin/invalid-setting": EXIT_USAGE,
  "loop/gates-unmet": EXIT_DOES_NOT_HOLD,
  "contract/release-refused": EXIT_DOES_NOT_HOLD,
  "ledger/broken": EXIT_DOES_NOT_HOLD,
};

export function exitCodeOf(code: ErrorCode): number {
  return EXIT_CODES[code] ?? EXIT_FAILED;
}
