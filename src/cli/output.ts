/** Where words go: results to standard output, progress and errors to standard error. */
import pc from "picocolors";
import type { InterlockError } from "../std/errors.ts";

export type Output = {
  readonly json: boolean;
  /** One result: the object for programs, or its text for people. */
  result(value: unknown, toText: () => string): void;
  progress: Progress;
};

export type Progress = {
  /** Says how far a long piece of work has come; drawn at most a few times a second. */
  report(label: string, done: number, total: number): void;
  end(): void;
};

const REDRAW_MS = 100;

export function createOutput(json: boolean): Output {
  return {
    json,
    result(value, toText) {
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${toText()}\n`);
    },
    progress: json ? SILENT : createProgress(),
  };
}

const SILENT: Progress = { report: () => undefined, end: () => undefined };

function createProgress(): Progress {
  const { stderr } = process;
  let drawnAt = 0;
  let tenths = -1;
  return {
    report(label, done, total) {
      const share = total > 0 ? Math.min(1, done / total) : 1;
      if (!stderr.isTTY) {
        // In a log, one line for each tenth of the way.
        const reached = Math.floor(share * 10);
        if (reached === tenths) return;
        tenths = reached;
        stderr.write(`${label} ${done}/${total}\n`);
        return;
      }
      const now = performance.now();
      if (now - drawnAt < REDRAW_MS && done < total) return;
      drawnAt = now;
      const width = 28;
      const filled = Math.round(share * width);
      const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
      stderr.write(`\r\u001b[2K${pc.cyan(bar)} ${label} ${done}/${total}`);
    },
    end() {
      tenths = -1;
      if (stderr.isTTY) stderr.write("\r\u001b[2K");
    },
  };
}

/** The error for a person: what, where, and what to do. */
export function errorToScreen(error: InterlockError): string {
  const lines = [`${pc.red("error")} ${pc.dim(error.code)}  ${error.message}`];
  if (error.path !== undefined) lines.push(`${pc.dim("at")}    ${error.path}`);
  for (const line of (error.help ?? "").split("\n").filter((text) => text !== "")) {
    lines.push(`${pc.green("help")}  ${line}`);
  }
  return lines.join("\n");
}

/** Columns that line up; the last one may be long. */
export function table(rows: ReadonlyArray<ReadonlyArray<string>>): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
