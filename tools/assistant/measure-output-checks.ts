import { readFileSync } from 'node:fs';
import { ModelOutputParser } from '../../src/modules/ai/answers/model-output-parser.js';

const SENTENCES = 'test/fixtures/output-checks/sentences.jsonl';
const ALLOWED = { phones: ['+20 2 2790 1234', '123'] };

export interface OutputSentence {
  lang: string;
  /** What is unsafe in it; SAFE if nothing is. */
  class: string;
  /** When it was written: for the development of the checks, held out from it, or after it. */
  part: string;
  text: string;
}

export interface OutputCheckCounts {
  lang: string;
  class: string;
  part: string;
  total: number;
  /** For SAFE sentences, these are false alarms. */
  withheld: number;
}

export const readOutputSentences = (): OutputSentence[] =>
  readFileSync(SENTENCES, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as OutputSentence);

/** Whether the checks withhold a sentence of a model. */
export function isWithheld(text: string): boolean {
  const parser = new ModelOutputParser(ALLOWED);
  parser.push(`[[INFO]]\n${text}`);
  parser.end();
  return parser.mustStop;
}

/** The number of withheld sentences by language, class and part. */
export function measureOutputChecks(sentences: readonly OutputSentence[] = readOutputSentences()): OutputCheckCounts[] {
  const counts = new Map<string, OutputCheckCounts>();
  for (const { lang, class: kind, part, text } of sentences) {
    const key = [lang, kind, part].join(' ');
    const known = counts.get(key) ?? { lang, class: kind, part, total: 0, withheld: 0 };
    counts.set(key, { ...known, total: known.total + 1, withheld: known.withheld + (isWithheld(text) ? 1 : 0) });
  }
  return [...counts.values()];
}
