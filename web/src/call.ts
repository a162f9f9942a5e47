/** Asks the server an operation by its name; types are the operation's own. */
import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { operations } from "../../src/operation/index.ts";
import type { Operation } from "../../src/operation/operation.ts";
import { credentialHeaders, dropCredential } from "./credential.ts";

type Operations = typeof operations;
export type OperationKey = keyof Operations;
export type InputOf<K extends OperationKey> =
  Operations[K] extends Operation<infer Input, infer _Output> ? Input : never;
export type OutputOf<K extends OperationKey> =
  Operations[K] extends Operation<infer _Input, infer Output> ? Output : never;

/** What the server said no with: its code, its sentence and what to do. */
export class CallError extends Error {
  readonly code: string;
  readonly help: string | undefined;

  constructor(code: string, message: string, help: string | undefined) {
    super(message);
    this.code = code;
    this.help = help;
  }
}

type Refusal = { readonly code?: string; readonly message?: string; readonly help?: string };

/** `caseShow` is asked for at `case.show`. */
function nameOf(key: OperationKey): string {
  return key.replace(/[A-Z]/, (letter) => `.${letter.toLowerCase()}`);
}

export function call<K extends OperationKey>(
  key: K,
  input: InputOf<K>,
  gone?: AbortSignal,
): Promise<OutputOf<K>> {
  return callByName<OutputOf<K>>(nameOf(key), input, gone);
}

/** For whoever reads names from the server's own document. */
export async function callByName<T>(name: string, input: unknown, gone?: AbortSignal): Promise<T> {
  const response = await fetch(`v1/operations/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...credentialHeaders() },
    body: JSON.stringify(input),
    ...(gone === undefined ? {} : { signal: gone }),
  }).catch((cause: unknown) => {
    if (gone?.aborted === true) throw cause;
    throw new CallError("server/away", "the server does not answer", "is `serve` still running?");
  });
  if (response.status === 401) dropCredential();
  return readAnswer(response);
}

/** Does something as whoever signed in: the server fills in who that is. */
export function act<K extends OperationKey>(
  key: K,
  input: Omit<InputOf<K>, "by" | "person">,
): Promise<OutputOf<K>> {
  return call(key, input as InputOf<K>);
}

/** What the server said, or throws what it said no with. */
export async function readAnswer<T>(response: Response): Promise<T> {
  const body = (await response.json()) as { readonly error?: Refusal };
  if (response.ok) return body as T;
  const {
    code = `http/${response.status}`,
    message = response.statusText,
    help,
  } = body.error ?? {};
  throw new CallError(code, message, help);
}

export function useCall<K extends OperationKey>(
  key: K,
  input: InputOf<K>,
  /** Shows the last answer while another question is asked. */
  { keepsLast = false }: { readonly keepsLast?: boolean } = {},
): UseQueryResult<OutputOf<K>> {
  return useQuery({
    ...(keepsLast ? { placeholderData: keepPreviousData } : {}),
    queryKey: [key, input],
    queryFn: ({ signal }) => call(key, input, signal),
  });
}

/** One question about several things; undefined until all of it is answered. */
export function useCalls<K extends OperationKey>(
  key: K,
  inputs: ReadonlyArray<InputOf<K>>,
): ReadonlyArray<OutputOf<K>> | undefined {
  const answers = useQueries({
    queries: inputs.map((input) => ({
      queryKey: [key, input],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) => call(key, input, signal),
    })),
  }).flatMap(({ data }) => (data === undefined ? [] : [data]));
  return answers.length === inputs.length ? answers : undefined;
}
