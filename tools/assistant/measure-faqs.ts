import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaqIndex } from '../../src/modules/faqs/index.js';

/** Relative to the repository, where npm starts its scripts. */
const FIXTURES = 'test/fixtures/faqs';

interface FaqLine {
  lang: string;
  question: string;
  /** The FAQ that answers the question; null if none does. */
  faqTopic: string | null;
}

interface FaqText {
  topic: string;
  locale: string;
  question: string;
  answer: string;
}

export interface FaqCounts {
  /** Answered by the right FAQ. */
  right: number;
  /** Answered by another FAQ than the right one, or although no FAQ answers it. */
  wrong: number;
  /** Not answered, although an FAQ does. */
  missed: number;
  /** Not answered, and no FAQ does. */
  withheld: number;
  /** Questions that an FAQ answers. */
  answerable: number;
  /** The share of the given answers that are right. */
  precision: number;
  /** The share of the questions with an FAQ that got it. */
  recall: number;
}

/** Answers each question by the FAQs of its language in test/fixtures/faqs/faqs.json. */
export function measureFaqs(lines: readonly FaqLine[]): Record<string, FaqCounts> {
  const faqs = JSON.parse(readFileSync(join(FIXTURES, 'faqs.json'), 'utf8')) as FaqText[];
  const languages = [...new Set(lines.map(({ lang }) => lang))];
  return Object.fromEntries(
    languages.map((lang) => {
      const index = new FaqIndex(faqs.filter(({ locale }) => locale === lang));
      const ofLanguage = lines.filter((line) => line.lang === lang);
      return [lang, count(ofLanguage.map((line) => [line.faqTopic, index.find(line.question)?.topic ?? null]))];
    }),
  );
}

function count(results: readonly (readonly [expected: string | null, given: string | null])[]): FaqCounts {
  const right = results.filter(([expected, given]) => given !== null && given === expected).length;
  const wrong = results.filter(([expected, given]) => given !== null && given !== expected).length;
  const missed = results.filter(([expected, given]) => given === null && expected !== null).length;
  const withheld = results.filter(([expected, given]) => given === null && expected === null).length;
  const answerable = results.filter(([expected]) => expected !== null).length;
  const [precision, recall] = [right / (right + wrong), right / answerable];
  return { right, wrong, missed, withheld, answerable, precision, recall };
}

/** @param name the file below test/fixtures/faqs, one question per line */
export const readFaqLines = (name: string): FaqLine[] =>
  readFileSync(join(FIXTURES, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FaqLine);
