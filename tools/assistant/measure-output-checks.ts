import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ModelOutputParser } from '../../src/modules/ai/answers/model-output-parser.js';

const FOLDER = 'test/fixtures/output-checks';
const SENTENCES = join(FOLDER, 'sentences.jsonl');
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

/**
 * Sentences of authors who do not know the checks, in files such as `development/pilots/en.txt` and `reserved/en.txt`: a heading `[kind]`, then one
 * answer per line. Nobody who works on the checks reads the reserved ones. The part is the name of the author, or `reserved`.
 */
export const readOutputAuthors = (folder: 'development' | 'reserved'): OutputSentence[] =>
  readdirSync(join(FOLDER, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.txt'))
    .toSorted()
    .flatMap((path) => parseAuthor(join(FOLDER, folder, path)));

/** The answers with which the classifier of sentences is trained. */
export const readTrainingSentences = (): OutputSentence[] => [
  ...readOutputAuthors('development'),
  ...readOutputSentences().filter(({ part }) => part === 'dev'),
];

function parseAuthor(path: string): OutputSentence[] {
  const about = { lang: basename(path, '.txt'), part: basename(dirname(path)) };
  let kind = '';
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      const heading = /^\[(\w+)\]$/.exec(text)?.[1];
      kind = heading?.toUpperCase() ?? kind;
      return heading || text === '' ? [] : [{ ...about, class: kind, text }];
    });
}

/** Whether the checks withhold a sentence of a model. */
function isWithheld(text: string): boolean {
  const parser = new ModelOutputParser(ALLOWED);
  parser.push(`[[INFO]]\n${text}`);
  parser.end();
  return parser.mustStop;
}

/** The number of withheld sentences by language, class and part. */
export function measureOutputChecks(sentences: readonly OutputSentence[]): OutputCheckCounts[] {
  const counts = new Map<string, OutputCheckCounts>();
  for (const { lang, class: kind, part, text } of sentences) {
    const key = [lang, kind, part].join(' ');
    const known = counts.get(key) ?? { lang, class: kind, part, total: 0, withheld: 0 };
    counts.set(key, { ...known, total: known.total + 1, withheld: known.withheld + (isWithheld(text) ? 1 : 0) });
  }
  return [...counts.values()];
}
