/** What the whole-charter questions answer, for people: colour beside words, never instead of them. */
import pc from "picocolors";
import { describePoint } from "../core/charter/space/region-words.ts";
import type { CharterChange } from "../core/charter/space/compare.ts";
import type { CharterDiff } from "../operation/diff-charter.ts";
import type { GapResult } from "../operation/find-gaps.ts";

export function gapsToScreen(file: string, result: GapResult): string {
  const { findings, size, holds, title, isComplete } = result;
  const lines = findings.flatMap((finding) => {
    const { severity, line, column, path, message, help, region, suggestion } = finding;
    return [
      `${paintSeverity(severity)} ${file}:${line}:${column} ${path}`,
      `      ${message}`,
      ...(region === undefined
        ? []
        : [`      ${pc.dim("e.g.")} ${describePoint(region.example, result.currency)}`]),
      `      ${pc.green("help")} ${help}`,
      ...(suggestion === undefined
        ? []
        : [
            `      ${pc.green("rule")} as the last one:`,
            ...suggestion.yaml
              .trimEnd()
              .split("\n")
              .map((text) => `        ${text}`),
          ]),
      "",
    ];
  });
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const count = size.combinations.toLocaleString("en-GB");
  const looked = `${size.rules} rules, ${size.dimensions} dimensions, ${count} combinations`;
  const verdict = holds
    ? `${pc.green("no gap")}: every point has one rule, people who can vote, and an address on each side`
    : pc.red(
        `${errors} error${errors === 1 ? "" : "s"}${isComplete ? "" : ", and the list is cut"}`,
      );
  const rest = findings.length - errors;
  return [...lines, `${file}: ${title}; ${looked}; ${verdict}; ${rest} other finding(s).`].join(
    "\n",
  );
}

function paintSeverity(severity: string): string {
  if (severity === "error") return pc.red("error");
  return severity === "warning" ? pc.yellow("warn ") : pc.dim("note ");
}

const GROUPS: ReadonlyArray<readonly [CharterChange["kind"], string]> = [
  ["not-decided", "Not decided"],
  ["decision", "What is decided"],
  ["votes", "Who is asked, and how"],
  ["terms", "What else is signed for"],
];

export function charterDiffToScreen({ before, after, changes, isSame }: CharterDiff): string {
  const head = pc.bold(`${before.title} -> ${after.title}`);
  if (isSame) return `${head}\n\nnothing that is signed for has changed`;
  const lines = GROUPS.flatMap(([kind, title]) => {
    const own = changes.filter((change) => change.kind === kind);
    if (own.length === 0) return [];
    return ["", pc.dim(title), ...own.map((change) => `  ${mark(change)} ${change.message}`)];
  });
  const count = (direction: CharterChange["direction"]): number =>
    changes.filter((change) => change.direction === direction).length;
  const sum = `${count("easier")} easier, ${count("harder")} harder, ${count("other")} other`;
  return [head, ...lines, "", sum].join("\n");
}

function mark({ direction }: CharterChange): string {
  if (direction === "easier") return pc.yellow("easier");
  return direction === "harder" ? pc.green("harder") : pc.dim("other ");
}

/** Colours the cells of a matrix that is written as text. */
export function paintMatrix(text: string): string {
  return text
    .replaceAll(/\bauto \[/g, `${pc.green("auto")} [`)
    .replaceAll(/\bforbidden \[/g, `${pc.dim("forbidden")} [`)
    .replaceAll(/\bno rule \[/g, `${pc.red("no rule")} [`);
}
