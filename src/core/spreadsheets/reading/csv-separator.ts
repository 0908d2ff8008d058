const SEPARATORS = [',', ';', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];

const MAX_RECORDS = 50;
/** The first line of files for Excel can name the separator. */
const DECLARED = /^sep=([,;\t|])\r?\n/;

export interface GuessedSeparator {
  separator: Separator;
  /** The length of a first line that names the separator. */
  skippedCharacters: number;
}

/**
 * Guesses the separator from the beginning of a text: the one that most records have equally often, outside of quotes.
 * A file with one column has none; then it is the comma.
 */
export function guessSeparator(head: string): GuessedSeparator {
  const declared = DECLARED.exec(head);
  if (declared) return { separator: declared[1] as Separator, skippedCharacters: declared[0].length };
  const records = countSeparators(head);
  let best: { separator: Separator; score: number } = { separator: ',', score: 0 };
  for (const separator of SEPARATORS) {
    const score = agreement(records.map((counts) => counts[separator]));
    if (score > best.score) best = { separator, score };
  }
  return { separator: best.separator, skippedCharacters: 0 };
}

/** How often each separator is in each record. The last record may be cut off and is left out, unless it is the only one. */
function countSeparators(head: string): Record<Separator, number>[] {
  const none = (): Record<Separator, number> => ({ ',': 0, ';': 0, '\t': 0, '|': 0 });
  const records: Record<Separator, number>[] = [];
  let counts = none();
  let isQuoted = false;
  let isEmpty = true;
  for (const character of head) {
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === '\n') {
      if (!isEmpty) records.push(counts);
      if (records.length === MAX_RECORDS) break;
      [counts, isEmpty] = [none(), true];
    } else if (character !== '\r') {
      isEmpty = false;
      if (character in counts) counts[character as Separator] += 1;
    }
  }
  return records.length > 0 ? records : [counts];
}

/** The share of records with the most frequent count above zero; more columns decide between equal shares. */
function agreement(counts: readonly number[]): number {
  const byCount = new Map<number, number>();
  for (const count of counts) if (count > 0) byCount.set(count, (byCount.get(count) ?? 0) + 1);
  const [columns, records] = [...byCount].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
  return records / counts.length + Math.min(columns, 1_000) / 1_000_000;
}
