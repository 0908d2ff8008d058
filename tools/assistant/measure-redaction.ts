import { readFileSync } from 'node:fs';
import { withPlainDigits } from '../../src/modules/ai/redaction/plain-digits.js';
import { Redactor } from '../../src/modules/ai/redaction/redactor.js';

/** The messages of authors with which the rules are improved and the tagger is trained. */
export const DEVELOPMENT_FILES = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh'] as const;

export interface Secret {
  kind: string;
  value: string;
}

/** A message with planted personal data. */
export interface PlantedMessage {
  lang: string;
  text: string;
  secrets: readonly Secret[];
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

export const readPlanted = (file: string): PlantedMessage[] =>
  readFileSync(`test/fixtures/redaction/${file}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PlantedMessage);

const WORD = /[\p{L}\p{M}\p{N}\u200D]+/gu;
const ARABIC_PREFIX = /^[وفبلك](?=\p{Script=Arabic}{2})/u;
/** Words of addresses that identify nobody alone. */
const GENERIC =
  /^(?:\p{L}|the|of|on|in|and|at|near|no|ke|se|mein|flat|house|villa|road|street|floor|dr|mr|mrs|ms|po|box|dot|jee|في|من|نمبر|شارع|بجوار|شقة|نंबर|नंबर|के|में|व|पास|नं|ward)$/iu;
/** Titles and kin beside a name, as in "Nurse Jackie" and "Tariq bhai". */
const TITLE =
  /^(?:nurse|doc|doctor|sister|father|brother|bhai|bhaiya|di|didi|ji|aunty|auntie|aunt|uncle|granddad|grandad|grandma|sheikh|prof|professor|captain|madam|sir|chacha|chachi|mausi|sahab|دكتورة|دكتور|الدكتور|الدكتورة|سيدي|الشيخ|الحاج|الحاجة|الأستاذ|الأستاذة|السيد|السيدة|الممرضة|डॉक्टर|डॉ|श्री|श्रीमती|चाचा|चाची|भाई|भैया|दीदी|जी|नर्स|मैडम|सर)$/iu;
const defaultRedactor = new Redactor({ names: [], phrases: [] });

/** How often a word stands in a text, also after an Arabic conjunction, preposition or article. */
const count = (text: string, word: string): number =>
  [...text.matchAll(WORD)].filter(([found]) => found === word || found.replace(ARABIC_PREFIX, '') === word).length;

/** Whether a word of a secret identifies nobody alone. */
export const isGeneric = (word: string, kind: string): boolean =>
  GENERIC.test(word) || (kind === 'NAME' && TITLE.test(word));

/** A secret is removed if none of its identifying words is left. Words that also stand elsewhere in the text may stay there. */
function isRemoved({ kind, value }: Secret, text: string, redacted: string): boolean {
  const [plainText, plainValue] = [withPlainDigits(text), withPlainDigits(value)];
  const words = [...new Set(plainValue.match(WORD))].filter((word) => !isGeneric(word, kind));
  // A value that is no whole word of the text ("ibrahim" of "ibrahims") must not be left as a part of one either.
  return words.every((word) =>
    count(plainText, word) === 0
      ? !redacted.includes(word)
      : count(redacted, word) <= count(plainText, word) - count(plainValue, word),
  );
}

function add(counts: Record<string, Count>, lang: string, isGood: boolean): void {
  const sum = (counts[lang] ??= { total: 0, good: 0 });
  sum.total += 1;
  sum.good += Number(isGood);
}

/** Counts which planted secrets the redaction removes, and which clinical values it keeps. */
export function measureRedaction(lines: readonly PlantedMessage[], redactor = defaultRedactor): RedactionMeasure {
  const measure: RedactionMeasure = { removed: {}, kept: {}, failures: [] };
  for (const { lang, text, secrets, keep } of lines) {
    const redacted = redactor.redact(text).text;
    for (const secret of secrets) {
      const { kind, value } = secret;
      const isGood = isRemoved(secret, text, redacted);
      add((measure.removed[kind] ??= {}), lang, isGood);
      if (!isGood) measure.failures.push({ lang, kind, value, redacted });
    }
    for (const value of keep) {
      const isGood = redacted.includes(withPlainDigits(value));
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
