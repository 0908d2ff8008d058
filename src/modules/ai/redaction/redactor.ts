import { ownPhrases, startsAt, wordsOf, type OwnData } from './own-data.js';
import { withPlainDigits } from './plain-digits.js';
import { ADDRESSES, NOBODYS, RULES, type Kind } from './rules.js';
import { withoutSaidNames } from './introduced-names.js';

/** How many pieces of each kind were removed. */
export type RedactionCounts = Partial<Record<Kind, number>>;

export interface Redacted {
  text: string;
  counts: RedactionCounts;
}

/** Removes names and contact data of a person. Names of other people cannot be recognised if nothing marks them as names. */
export class Redactor {
  private readonly own: [Kind, string[]][];

  constructor(own: OwnData) {
    this.own = ownPhrases(own);
  }

  redact(text: string): Redacted {
    const counts: RedactionCounts = {};
    const take = (kind: Kind): string => {
      counts[kind] = (counts[kind] ?? 0) + 1;
      return `[${kind}]`;
    };
    const by = (rules: typeof RULES, from: string): string =>
      rules.reduce(
        (redacted, [kind, pattern]) => redacted.replace(pattern, (found) => (NOBODYS.test(found) ? found : take(kind))),
        from,
      );
    const nameless = this.withoutOwn(by(ADDRESSES, withPlainDigits(text)), take);
    return { text: withoutSaidNames(by(RULES, nameless), () => take('name')), counts };
  }

  private withoutOwn(text: string, take: (kind: Kind) => string): string {
    const words = wordsOf(text);
    let redacted = '';
    let done = 0;
    for (let at = 0; at < words.length; at += 1) {
      const found = this.own.find(([, phrase]) => startsAt(words, at, phrase));
      if (!found) continue;
      const last = words[at + found[1].length - 1];
      redacted += text.slice(done, words[at]?.start) + take(found[0]);
      done = last?.end ?? text.length;
      at += found[1].length - 1;
    }
    return redacted + text.slice(done);
  }
}

export function addCounts(...all: RedactionCounts[]): RedactionCounts {
  const sum: RedactionCounts = {};
  for (const counts of all) {
    for (const [kind, count] of Object.entries(counts) as [Kind, number][]) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

export const totalOf = (counts: RedactionCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);
