import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export const CORPUS = 'test/fixtures/red-flags';
export const CORPUS_LANGUAGES = ['en', 'ar', 'hi'] as const;
export type CorpusLanguage = (typeof CORPUS_LANGUAGES)[number];

/** What the chat must recognise. `kind: 'self-harm'` is answered with a text of its own. */
export type Label = 'EMERGENCY' | 'HEALTH' | 'ADMIN';

/** A message that an author wrote for the corpus. */
export interface Phrase {
  text: string;
  author: string;
  language: CorpusLanguage;
  kind: string;
  label: Label;
  /** Relative to CORPUS. */
  file: string;
  /** The first line of the file is 1. */
  line: number;
}

/** The labels of the kinds that are no emergency. All other kinds are emergencies. */
const LABELS: Readonly<Record<string, Label>> = {
  everyday: 'HEALTH',
  past: 'HEALTH',
  negated: 'HEALTH',
  hypothetical: 'HEALTH',
  idiom: 'HEALTH',
  'near-self-harm': 'HEALTH',
  admin: 'ADMIN',
  'admin-body': 'ADMIN',
};

export const HARMLESS_KINDS: ReadonlySet<string> = new Set(Object.keys(LABELS));

/**
 * The phrases of all authors in a folder. It has a folder for each author, with a file for each of the author's languages: a heading `[kind]`, then one
 * message per line.
 */
function readAuthors(folder: 'development' | 'reserved' | 'direct'): Phrase[] {
  const root = join(CORPUS, folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.txt'))
    .toSorted()
    .flatMap((path) => parsePhrases(readFileSync(join(root, path), 'utf8'), `${folder}/${path}`));
}

/** @param file such as `development/nurses/en.txt` */
function parsePhrases(content: string, file: string): Phrase[] {
  const author = basename(dirname(file));
  const language = basename(file, '.txt') as CorpusLanguage;
  let kind = '';
  return content.split('\n').flatMap((text, index) => {
    const heading = /^\[([a-z-]+)\]$/.exec(text)?.[1];
    if (heading) kind = heading;
    if (heading || text === '') return [];
    return [{ text, author, language, kind, label: LABELS[kind] ?? 'EMERGENCY', file, line: index + 1 }];
  });
}

/** The authors with whose phrases the classifier is trained, and the rules are changed. */
export const readDevelopment = (): Phrase[] => readAuthors('development');

/** The authors that only `npm run eval:assistant` and the tests of its figures may read. */
export const readReserved = (): Phrase[] => readAuthors('reserved');

/** An author of plain statements ("I think I'm having a stroke"), who is not used for training. The others wrote everyday stories. */
export const readDirect = (): Phrase[] => readAuthors('direct');
