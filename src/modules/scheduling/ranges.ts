/** [start, end): instants in epoch milliseconds or, for the hours of a local day, minutes. */
export interface Range {
  start: number;
  end: number;
}

export const overlaps = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end;

/** The union of ranges, ascending. Drops empty ranges and joins adjacent ones. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const union: Range[] = [];
  for (const { start, end } of sortByStart(ranges)) {
    if (start >= end) continue;
    const last = union[union.length - 1];
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else union.push({ start, end });
  }
  return union;
}

/** The ranges sorted by start. Copies and sorts only if necessary. */
function sortByStart<S extends { start: number }>(spans: readonly S[]): readonly S[] {
  for (let i = 1; i < spans.length; i++) {
    if ((spans[i - 1] as S).start > (spans[i] as S).start) return [...spans].sort((a, b) => a.start - b.start);
  }
  return spans;
}

/** What remains of ascending, separate ranges without those of another such list. */
export function subtractRanges(ranges: readonly Range[], removed: readonly Range[]): Range[] {
  return ranges.flatMap(({ start, end }) => {
    const remaining: Range[] = [];
    let from = start;
    for (const hole of removed) {
      if (hole.end <= from) continue;
      if (hole.start >= end) break;
      if (hole.start > from) remaining.push({ start: from, end: hole.start });
      from = hole.end;
    }
    if (from < end) remaining.push({ start: from, end });
    return remaining;
  });
}
