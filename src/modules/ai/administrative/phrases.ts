import { fold } from '../red-flags/normalize.js';

/** The words of administrative requests. A phrase is one entry; "(a|b|) c" stands for "a c", "b c" and "c". */
export interface Vocabulary {
  /** Say what is asked for: a booking, a price, an address. A request has at least one. */
  requests: readonly string[];
  /** Greetings and thanks: a message of these alone is administrative, too. */
  greetings: readonly string[];
  /** Harmless in any order: they name no condition and cannot negate or describe one. */
  fillers: readonly string[];
}

/** @returns folded phrases, their words apart by one space */
export const expanded = (templates: readonly string[]): string[] =>
  templates.flatMap((template) =>
    alternatives(template.match(TOKENS) ?? []).map((phrase) => phrase.replace(/ {2,}/g, ' ').trim()),
  );

const TOKENS = /[()|]|[^()|]+/g;

/** Takes tokens up to the end of their group. Folds each text once, not each of the thousands of phrases. */
function alternatives(tokens: string[]): string[] {
  const all: string[] = [];
  let phrases = [''];
  for (let token = tokens.shift(); token !== undefined && token !== ')'; token = tokens.shift()) {
    if (token === '|') {
      all.push(...phrases);
      phrases = [''];
    } else {
      const next = token === '(' ? alternatives(tokens) : [folded(token)];
      phrases = phrases.flatMap((phrase) => next.map((each) => phrase + each));
    }
  }
  return [...all, ...phrases];
}

/** Keeps the space between this text and the group before or after it. */
function folded(text: string): string {
  return `${text.startsWith(' ') ? ' ' : ''}${fold(text).trim()}${text.endsWith(' ') ? ' ' : ''}`;
}
