/** Which rows of a long table are in sight; the others are only as high as they would be. */
export type Sight = {
  readonly from: number;
  readonly until: number;
  /** Pixels above and below them. */
  readonly above: number;
  readonly below: number;
};

/** Drawn beyond either edge, so that scrolling shows no hole. */
const BEYOND_ROWS = 12;

export function computeSight(
  count: number,
  rowHeight: number,
  { top, height }: { readonly top: number; readonly height: number },
): Sight {
  const clamp = (row: number): number => Math.max(0, Math.min(count, row));
  const from = clamp(Math.floor(top / rowHeight) - BEYOND_ROWS);
  const until = clamp(Math.ceil((top + height) / rowHeight) + BEYOND_ROWS);
  return { from, until, above: from * rowHeight, below: (count - until) * rowHeight };
}
