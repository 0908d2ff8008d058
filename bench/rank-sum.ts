/** Equal distributions exceed it once in 15,000 comparisons. */
export const MAX_Z = 4;

/** The standard score of the rank sum of `a` among both (Mann and Whitney). */
export function getZ(a: readonly number[], b: readonly number[]): number {
  // Compared with itself, a list would get another score: equal times are ranked in the order of the lists.
  if (a === b) return 0;
  const all = [...a.map((time) => ({ time, isA: true })), ...b.map((time) => ({ time, isA: false }))];
  all.sort((x, y) => x.time - y.time);
  const rankSum = all.reduce((sum, { isA }, index) => (isA ? sum + index + 1 : sum), 0);
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
  return (u - (a.length * b.length) / 2) / deviation;
}
