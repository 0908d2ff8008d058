import type { LinearModel } from '../classifier/linear-model.js';
import { AddressFinder } from './addresses.js';
import { CODE_RULES, REMAINDER_RULES, SHORT_NUMBER_RULES, SHORT_REMAINDER_RULES } from './codes.js';
import { SPELLED_CONTACT_RULES } from './contacts.js';
import { DATE_RULES } from './dates.js';
import { IBAN_RULES, IDENTIFIER_RULES } from './identifiers.js';
import { replaceIntroducedNames } from './introduced-names.js';
import { phraseStartsAt, splitWords, toOwnPhrases, type OwnData, type OwnPhrase } from './own-data.js';
import { NameFinder } from './names.js';
import { NUMERIC_DATE_RULES } from './numeric-dates.js';
import { withPlainDigits } from './plain-digits.js';
import {
  CARD_AND_PHONE_RULES,
  ELECTRONIC_ADDRESS_RULES,
  LONG_NUMBER_RULES,
  NOT_PERSONAL,
  SECRET_AND_ID_RULES,
  type RedactionKind,
  type RedactionRule,
} from './rules.js';
import { replaceSpans, tokenize, type Span, type Token } from './tokens.js';

// In both lists, the more specific patterns come first.
const CONTACT_RULES = [...SPELLED_CONTACT_RULES, ...ELECTRONIC_ADDRESS_RULES];
const NUMBER_RULES = [
  ...IBAN_RULES,
  ...DATE_RULES,
  ...CODE_RULES,
  ...SECRET_AND_ID_RULES,
  ...NUMERIC_DATE_RULES,
  ...CARD_AND_PHONE_RULES,
  ...IDENTIFIER_RULES,
  ...LONG_NUMBER_RULES,
  ...REMAINDER_RULES,
];

/** Ligatures such as "ﷺ" become up to 18 letters: a text of them would keep a processor busy. */
const MAX_CHARACTERS = 8_000;

/** The number of replaced pieces of each kind. */
export type RedactionCounts = Partial<Record<RedactionKind, number>>;

export interface RedactedText {
  text: string;
  counts: RedactionCounts;
}

/**
 * Replaces personal data by placeholders: what is known about the person who writes, numbers, dates, addresses, and names of
 * anybody. A word that is in no vocabulary is taken for a name.
 */
export class Redactor {
  private readonly ownPhrases: OwnPhrase[];

  /** @param weights other weights of the tagger than the committed ones, to measure them */
  constructor(
    own: OwnData,
    private readonly weights?: LinearModel,
  ) {
    this.ownPhrases = toOwnPhrases(own);
  }

  /** The form of a text in which it is compared: the digits of all scripts become ASCII digits. */
  normalize(text: string): string {
    return withPlainDigits(text);
  }

  redact(text: string): RedactedText {
    const counts: RedactionCounts = {};
    const getPlaceholder = (kind: RedactionKind): string => {
      counts[kind] = (counts[kind] ?? 0) + 1;
      return `[${kind}]`;
    };
    const withoutNumbers = this.replaceNumbers(text, getPlaceholder);
    const withoutStreets = this.replaceFound(withoutNumbers, AddressFinder, () => getPlaceholder('address'));
    const withoutShortNumbers = applyRules(
      [...SHORT_NUMBER_RULES, ...SHORT_REMAINDER_RULES],
      withoutStreets,
      getPlaceholder,
    );
    const withoutIntroduced = replaceIntroducedNames(withoutShortNumbers, () => getPlaceholder('name'));
    return { text: this.replaceFound(withoutIntroduced, NameFinder, () => getPlaceholder('name')), counts };
  }

  /** Replaces contacts, the own data and numbers. Addresses and names are searched in what this returns. */
  replaceNumbers(text: string, getPlaceholder: (kind: RedactionKind) => string): string {
    const withoutContacts = applyRules(CONTACT_RULES, normalizeAndCut(text), getPlaceholder);
    return applyRules(NUMBER_RULES, this.replaceOwnData(withoutContacts, getPlaceholder), getPlaceholder);
  }

  private replaceFound(text: string, Finder: FinderClass, getPlaceholder: () => string): string {
    const tokens = tokenize(text);
    return replaceSpans(text, tokens, new Finder(tokens, this.weights).find(), getPlaceholder);
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

/** The last word of a text that is cut is left out, since a part of a number may not be recognised. */
function normalizeAndCut(text: string): string {
  const plain = withPlainDigits(text);
  return plain.length > MAX_CHARACTERS ? plain.slice(0, MAX_CHARACTERS).replace(/\S{1,400}$/u, '') : plain;
}

type FinderClass = new (tokens: readonly Token[], weights?: LinearModel) => { find(): Span[] };

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
