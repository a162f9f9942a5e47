/**
 * A unit's own weekdays, taken off its row as far as they are real.
 *
 * What all units share of the week goes out in the comparison anyway. What is a unit's own (a market town
 * that sells on Saturdays) is its mean by weekday before the start, less the mean of the controls,
 * shrunk by the share of the spread that chance alone would give: James and Stein's estimator, as in
 * Efron and Morris (1975), with the spread taken over all controls together.
 */
const WEEK = 7;
/** Three weeks before a unit's own weekdays can be told from chance. */
export const WEEKDAYS_FROM = 3 * WEEK;

/** Changes the rows in place. `times` are days; the first `before` columns are looked at. */
export function takeWeekdaysOff(
  rows: ReadonlyArray<Float64Array>,
  times: ReadonlyArray<number>,
  before: number,
): void {
  const weekday = times.map((time) => ((time % WEEK) + WEEK) % WEEK);
  const mean = meanRow(rows.slice(1));
  const own = rows.map((row) => weekdaysOf(row, mean, weekday, before));
  // Spread of the weekdays against what chance alone would give, over all controls together.
  let [spread, chance] = [0, 0];
  for (const { squares, noise } of own.slice(1)) {
    if (noise <= 0) continue;
    spread += squares / noise;
    chance += ((WEEK - 1) * WEEK) / before;
  }
  const share = spread > chance ? 1 - chance / spread : 0;
  rows.forEach((row, i) => {
    row.forEach((value, t) => {
      row[t] = value - share * (own[i]?.means[weekday[t] ?? 0] ?? 0);
    });
  });
}

function weekdaysOf(
  row: Float64Array,
  mean: Float64Array,
  weekday: ReadonlyArray<number>,
  before: number,
) {
  const rest = row.map((value, t) => value - (mean[t] ?? 0));
  const level = rest.subarray(0, before).reduce((sum, value) => sum + value, 0) / before;
  const means = new Float64Array(WEEK);
  const seen = new Float64Array(WEEK);
  for (let t = 0; t < before; t++) {
    const day = weekday[t] ?? 0;
    means[day] = (means[day] ?? 0) + (rest[t] ?? 0) - level;
    seen[day] = (seen[day] ?? 0) + 1;
  }
  for (let day = 0; day < WEEK; day++) means[day] = (means[day] ?? 0) / Math.max(1, seen[day] ?? 0);
  let noise = 0;
  for (let t = 0; t < before; t++) {
    noise += ((rest[t] ?? 0) - level - (means[weekday[t] ?? 0] ?? 0)) ** 2;
  }
  return {
    means,
    squares: means.reduce((sum, value) => sum + value * value, 0),
    noise: noise / (before - WEEK),
  };
}

function meanRow(rows: ReadonlyArray<Float64Array>): Float64Array {
  const mean = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) row.forEach((value, t) => (mean[t] = (mean[t] ?? 0) + value));
  return mean.map((sum) => sum / rows.length);
}
