import { Redactor } from '../../src/modules/ai/redaction/redactor.js';

/** A message with planted personal data. */
export interface PlantedMessage {
  lang: string;
  text: string;
  secrets: readonly { kind: string; value: string }[];
  /** Clinical values that must stay. */
  keep: readonly string[];
}

export interface Count {
  total: number;
  good: number;
}

export interface RedactionMeasure {
  /** Removed secrets by kind, then by language. */
  removed: Record<string, Record<string, Count>>;
  /** Kept clinical values by language. */
  kept: Record<string, Count>;
  failures: { lang: string; kind: string; value: string; redacted: string }[];
}

const WORD = /[\p{L}\p{M}\p{N}\u200D]+/gu;
const ARABIC_PREFIX = /^[وفبلك](?=\p{Script=Arabic}{2})/u;
/** Words of addresses and titles that identify nobody alone. */
const GENERIC =
  /^(?:\p{L}|the|of|on|in|and|at|near|no|ke|se|mein|flat|house|villa|road|street|floor|dr|mr|mrs|ms|po|box|dot|jee|في|من|نمبر|شارع|بجوار|شقة|نंबर|नंबर|के|में|व|पास|नं|ward)$/iu;
const redactor = new Redactor({ names: [], phrases: [] });

/** How often a word stands in a text, also after an Arabic conjunction, preposition or article. */
const count = (text: string, word: string): number =>
  [...text.matchAll(WORD)].filter(([found]) => found === word || found.replace(ARABIC_PREFIX, '') === word).length;

/** A secret is removed if none of its identifying words is left. Words that also stand elsewhere in the text may stay there. */
function isRemoved(value: string, text: string, redacted: string): boolean {
  const [plainText, plainValue] = [redactor.normalize(text), redactor.normalize(value)];
  const words = [...new Set(plainValue.match(WORD))].filter((word) => !GENERIC.test(word));
  return words.every((word) => count(redacted, word) <= count(plainText, word) - count(plainValue, word));
}

function add(counts: Record<string, Count>, lang: string, isGood: boolean): void {
  const sum = (counts[lang] ??= { total: 0, good: 0 });
  sum.total += 1;
  sum.good += Number(isGood);
}

/** Counts which planted secrets the redaction removes, and which clinical values it keeps. */
export function measureRedaction(lines: readonly PlantedMessage[]): RedactionMeasure {
  const measure: RedactionMeasure = { removed: {}, kept: {}, failures: [] };
  for (const { lang, text, secrets, keep } of lines) {
    const redacted = redactor.redact(text).text;
    for (const { kind, value } of secrets) {
      const isGood = isRemoved(value, text, redacted);
      add((measure.removed[kind] ??= {}), lang, isGood);
      if (!isGood) measure.failures.push({ lang, kind, value, redacted });
    }
    for (const value of keep) {
      const isGood = redacted.includes(redactor.normalize(value));
      add(measure.kept, lang, isGood);
      if (!isGood) measure.failures.push({ lang, kind: 'KEEP', value, redacted });
    }
  }
  return measure;
}

export const sumCounts = (counts: Record<string, Count> | undefined): Count =>
  Object.values(counts ?? {}).reduce((sum, { total, good }) => ({ total: sum.total + total, good: sum.good + good }), {
    total: 0,
    good: 0,
  });
