/** A sentence of the engine: code in backticks as code, instants as the viewer's time. */
import type { JSX, ReactNode } from "react";
import { instantToText, sentence } from "../words.ts";

const PARTS = /(`[^`]+`|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)/;

export function Say({ children }: { readonly children: string }): JSX.Element {
  return <>{sentence(children).split(PARTS).map(toPart)}</>;
}

function toPart(text: string, index: number): ReactNode {
  if (!PARTS.test(text)) return text;
  if (!text.startsWith("`")) return <time key={index}>{instantToText(text)}</time>;
  return <code key={index}>{text.slice(1, -1)}</code>;
}
