import { replaceIntroducedNames } from './introduced-names.js';
import { phraseStartsAt, splitWords, toOwnPhrases, type OwnData, type OwnPhrase } from './own-data.js';
import { withPlainDigits } from './plain-digits.js';
import { ADDRESS_RULES, NOT_PERSONAL, RULES, type RedactionKind, type RedactionRule } from './rules.js';

/** The number of replaced pieces of each kind. */
export type RedactionCounts = Partial<Record<RedactionKind, number>>;

export interface RedactedText {
  text: string;
  counts: RedactionCounts;
}

/**
 * Replaces names and contact data of a person by placeholders. Names of other people are only recognised if words such as
 * "my name is" introduce them.
 */
export class Redactor {
  private readonly ownPhrases: OwnPhrase[];

  constructor(own: OwnData) {
    this.ownPhrases = toOwnPhrases(own);
  }

  redact(text: string): RedactedText {
    const counts: RedactionCounts = {};
    const getPlaceholder = (kind: RedactionKind): string => {
      counts[kind] = (counts[kind] ?? 0) + 1;
      return `[${kind}]`;
    };
    const withoutAddresses = applyRules(ADDRESS_RULES, withPlainDigits(text), getPlaceholder);
    const withoutOwnData = this.replaceOwnData(withoutAddresses, getPlaceholder);
    const withoutNumbers = applyRules(RULES, withoutOwnData, getPlaceholder);
    return { text: replaceIntroducedNames(withoutNumbers, () => getPlaceholder('name')), counts };
  }

  private replaceOwnData(text: string, getPlaceholder: (kind: RedactionKind) => string): string {
    const words = splitWords(text);
    let redacted = '';
    let end = 0;
    for (let position = 0; position < words.length; position += 1) {
      const phrase = this.ownPhrases.find((each) => phraseStartsAt(words, position, each));
      if (!phrase) continue;
      const last = position + phrase.words.length - 1;
      redacted += text.slice(end, words[position]?.start) + getPlaceholder(phrase.kind);
      end = words[last]?.end ?? text.length;
      position = last;
    }
    return redacted + text.slice(end);
  }
}

function applyRules(
  rules: readonly RedactionRule[],
  text: string,
  getPlaceholder: (kind: RedactionKind) => string,
): string {
  let redacted = text;
  for (const [kind, pattern] of rules) {
    redacted = redacted.replace(pattern, (matched) => (NOT_PERSONAL.test(matched) ? matched : getPlaceholder(kind)));
  }
  return redacted;
}

export function addCounts(...all: RedactionCounts[]): RedactionCounts {
  const sum: RedactionCounts = {};
  for (const counts of all) {
    for (const [kind, count] of Object.entries(counts) as [RedactionKind, number][])
      sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

export const getTotal = (counts: RedactionCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);
