/**
 * Interlock and its peers: the same thin loop, in one run, on one machine, with the same promise to the disk.
 * The peers' packages are installed when this section is first asked for, and by nothing else.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InterlockError } from "../../src/std/errors.ts";
import type { BenchContext, Section } from "../section.ts";
import { compare } from "./comparison.ts";
import { comparisonToMarkdown, comparisonToText } from "./report.ts";
import { type Contender, ROSTER } from "./roster.ts";
import { FULL, QUICK } from "./settings.ts";

const PAGE = fileURLToPath(new URL("../../docs/operate/performance.md", import.meta.url));
const MARKS = ["<!-- peers: written by the bench -->", "<!-- peers: end -->"] as const;
const ROUNDS_MAX = 20;

/** What only this section asks of the command line. */
export type PeerChoice = {
  readonly only: string | undefined;
  readonly all: boolean;
  readonly rounds: string | undefined;
  readonly markdown: boolean;
  readonly write: boolean;
};

export function createPeersSection(choice: PeerChoice, tell: (line: string) => void): Section {
  return {
    name: "peers",
    words:
      "Interlock beside what one would use instead; only when named (--only, --rounds, --all, --write)",
    isOnDemand: true,
    async run(context: BenchContext) {
      const { quick, directory, report } = context;
      const settings = { ...(quick ? QUICK : FULL), ...parseRounds(choice.rounds) };
      const comparison = await compare(choose(choice), settings, {
        directory,
        isQuick: quick,
        tell: { line: tell, step: report },
      });
      const markdown = comparisonToMarkdown(comparison);
      if (choice.write) writeFileSync(PAGE, putBetween(readFileSync(PAGE, "utf8"), markdown));
      return { json: comparison, text: choice.markdown ? markdown : comparisonToText(comparison) };
    },
  };
}

/** The page with its table replaced, everything else as it was. */
export function putBetween(page: string, markdown: string): string {
  const [from, to] = MARKS.map((mark) => page.indexOf(mark)) as [number, number];
  if (from === -1 || to < from) throw new Error(`the page has no \`${MARKS[0]}\``);
  return `${page.slice(0, from + MARKS[0].length)}\n\n${markdown}\n\n${page.slice(to)}`;
}

function parseRounds(text: string | undefined): { readonly rounds?: number } {
  if (text === undefined) return {};
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX) return { rounds };
  throw new InterlockError("cli/usage", `\`${text}\` is no number of rounds`, {
    help: `--rounds takes a whole number from 1 to ${ROUNDS_MAX}`,
  });
}

function choose({ only, all }: PeerChoice): ReadonlyArray<Contender> {
  if (only === undefined)
    return ROSTER.filter(({ folder }) => all || folder === null || folder === "peer");
  const names = only.split(",").map((name) => name.trim());
  const known = [...new Set(ROSTER.map(({ peer }) => peer))];
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return ROSTER.filter(({ peer }) => names.includes(peer));
  throw new InterlockError("cli/usage", `\`${stranger}\` is not compared`, {
    help: `these are: ${known.join(", ")}`,
  });
}
