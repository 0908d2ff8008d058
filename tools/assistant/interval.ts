/** A share of a sample, with its 95 % interval (Wilson, 1927). All between 0 and 1. */
export interface Share {
  hits: number;
  total: number;
  share: number;
  low: number;
  high: number;
}

const Z = 1.959964;

export function toShare(hits: number, total: number): Share {
  if (total === 0) return { hits, total, share: Number.NaN, low: 0, high: 1 };
  const share = hits / total;
  const spread = (Z * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2))) / (1 + Z ** 2 / total);
  const centre = (share + Z ** 2 / (2 * total)) / (1 + Z ** 2 / total);
  return { hits, total, share, low: Math.max(0, centre - spread), high: Math.min(1, centre + spread) };
}

/** "97.3 % of 150 (93.4 to 99.0)". */
export function formatShare({ share, total, low, high }: Share): string {
  const percent = (value: number): string => (100 * value).toFixed(1);
  return total === 0 ? 'none' : `${percent(share)} % of ${total} (${percent(low)} to ${percent(high)})`;
}
