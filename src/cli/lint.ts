/** Findings for people: place, what is wrong, what to do. */
import pc from "picocolors";
import { errorToText, InterlockError } from "../std/errors.ts";
import type { LintResult } from "../operation/lint-result.ts";

export async function readText(
  file: string,
  readFile: (path: string, encoding: "utf8") => Promise<string>,
): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new InterlockError("cli/usage", `cannot read \`${file}\`: ${errorToText(error)}`);
  }
}

export function lintToScreen(file: string, result: LintResult): string {
  const lines = result.findings.flatMap((finding) => [
    `${paint(finding.severity)} ${file}:${finding.line}:${finding.column} ${finding.path || "/"}`,
    `      ${finding.message}`,
    ...(finding.help === "" ? [] : [`      ${pc.green("help")} ${finding.help}`]),
  ]);
  const errors = result.findings.filter(({ severity }) => severity === "error").length;
  const rest = result.findings.length - errors;
  const summary = result.ok
    ? `${file}: ${result.title}; no errors, ${rest} other finding(s).`
    : `${file}: ${errors} error(s), ${rest} other finding(s).`;
  return [...lines, summary].join("\n");
}

function paint(severity: string): string {
  if (severity === "error") return pc.red("error");
  return severity === "warning" ? pc.yellow("warn ") : pc.dim("note ");
}
