/** The sandbox as the outside world: started, connected to, and closed again. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Company } from "../../twin/company/company.ts";
import type { InForce } from "../../twin/company/response.ts";
import { type CompanyFigures, type Sandbox, startSandbox } from "../../twin/sandbox/sandbox.ts";
import type { Subject } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import { connectSandbox, type Outside } from "./outside.ts";

export type SandboxOptions = {
  readonly directory: string;
  readonly subjects: ReadonlyArray<Subject>;
  readonly currency: string;
  now(): Instant;
  /** What the platforms report of the company; asked only once the sandbox runs. */
  figures(sandbox: () => Sandbox): CompanyFigures;
};

/** What the platforms report of a simulated company under the actions that are in force. */
export function figuresOf(company: Company, sandbox: () => Sandbox): CompanyFigures {
  const inForce: InForce = (subject, day) => sandbox().inForce(subject, day);
  return {
    ordersPerDay: (subject, from, until) =>
      company.countedOrdersPerDay(subject, from, until, inForce),
    spendPerDayMinor: (subject, from, until) =>
      company.spendPerDayMinor(subject, from, until, inForce),
  };
}

export type SandboxOutside = Outside & { readonly sandbox: Sandbox };

/** Its memory is kept in the directory, so that it remembers what was done to it. */
export async function openSandboxOutside(options: SandboxOptions): Promise<SandboxOutside> {
  const memory = join(options.directory, "outside");
  mkdirSync(memory, { recursive: true });
  const started: { sandbox?: Sandbox } = {};
  const getSandbox = () => {
    assert(started.sandbox, "the outside asks for its figures only once it runs");
    return started.sandbox;
  };
  const sandbox = await startSandbox({
    directory: memory,
    now: () => options.now(),
    subjects: options.subjects,
    company: options.figures(getSandbox),
  });
  started.sandbox = sandbox;
  const outside = connectSandbox(sandbox, options.subjects, options.currency, () => options.now());
  return {
    ...outside,
    sandbox,
    async close() {
      await outside.close();
      await sandbox.close();
    },
  };
}
