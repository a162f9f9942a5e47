/** A question before something that cannot be taken back, asked only where a person sits in front. */
import { createInterface } from "node:readline";

export type Terminal = {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
};

/** The question goes to standard error, so that a result can still be piped. */
const TERMINAL: Terminal = { input: process.stdin, output: process.stderr };

export function isAttended({ input, output }: Terminal = TERMINAL): boolean {
  return input.isTTY === true && output.isTTY === true;
}

/** Only `y` or `yes` is a yes; an end of the input is a no. */
export async function askYesNo(question: string, terminal: Terminal = TERMINAL): Promise<boolean> {
  const lines = createInterface(terminal);
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once("close", () => resolve(""));
      lines.question(`${question} [y/N] `, resolve);
    });
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}
