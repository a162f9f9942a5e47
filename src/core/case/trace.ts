/**
 * The name of a case's trace, in the words of W3C Trace Context: made of the case's id alone, so every process
 * that has to do with a case, ours or an agent's, joins the same trace without being told of the others.
 */
import { hashText } from "../../std/hash.ts";

const TRACE_CHARS = 32;
const SPAN_CHARS = 16;

export function traceIdOf(caseId: string): string {
  return hashText(`trace ${caseId}`).slice(0, TRACE_CHARS);
}

/** The span of the whole case, under which everything in it hangs. */
export function caseSpanIdOf(caseId: string): string {
  return hashText(`span ${caseId}`).slice(0, SPAN_CHARS);
}

/** The header `traceparent` of a call that is made for a case. */
export function traceparentOf(caseId: string): string {
  return `00-${traceIdOf(caseId)}-${caseSpanIdOf(caseId)}-01`;
}
