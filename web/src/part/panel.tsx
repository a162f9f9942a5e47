import type { JSX, ReactNode } from "react";

/** One subject of a page, under its heading. */
export function Panel({
  title,
  aside,
  id,
  asks = false,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  /** What an address leads to. */
  readonly id?: string;
  /** Something here waits for a person. */
  readonly asks?: boolean;
  readonly children: ReactNode;
}): JSX.Element {
  return (
    <section className={asks ? "panel asks" : "panel"} id={id}>
      <header>
        <h2>{title}</h2>
        {aside !== undefined && <span className="quiet">{aside}</span>}
      </header>
      {children}
    </section>
  );
}

/** A number with the word for it; a link to where it comes from. */
export function Figure({
  value,
  label,
  href,
  tone,
}: {
  readonly value: string;
  readonly label: string;
  readonly href?: string;
  readonly tone?: Tone;
}): JSX.Element {
  const inside = (
    <>
      <span className={`value ${tone ?? ""}`}>{value}</span>
      <span className="label">{label}</span>
    </>
  );
  return href === undefined ? (
    <div className="figure">{inside}</div>
  ) : (
    <a className="figure" href={href}>
      {inside}
    </a>
  );
}

/** `good` and `bad` are said in words as well; colour alone says nothing. */
export type Tone = "good" | "bad" | "wait" | "plain";

export function Badge({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
}): JSX.Element {
  return <span className={`badge ${tone}`}>{children}</span>;
}
