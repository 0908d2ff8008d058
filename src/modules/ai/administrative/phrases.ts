import { normalizeText } from '../red-flags/normalize.js';

/** The words of administrative requests in one language. "(a|b|) c" stands for the phrases "a c", "b c" and "c". */
export interface Vocabulary {
  /** What somebody asks for: a booking, a price, an address. A request has at least one of these phrases. */
  requests: readonly string[];
  /** Greetings and thanks. A message of these alone is administrative, too. */
  greetings: readonly string[];
  /** Words that may be added in any order. None of them names a condition, negates one or describes one. */
  fillers: readonly string[];
}

const TOKENS = /[()|]|[^()|]+/g;

/** @returns all phrases of the templates, normalized */
export const expandTemplates = (templates: readonly string[]): string[] =>
  templates.flatMap((template) => {
    const tokens = (template.match(TOKENS) ?? []).values();
    return expandGroup(tokens).map((phrase) => phrase.replace(/ {2,}/g, ' ').trim());
  });

/** Reads tokens up to the end of the group. Each token is normalized once, since a template has up to thousands of phrases. */
function expandGroup(tokens: Iterator<string>): string[] {
  const alternatives: string[] = [];
  let phrases = [''];
  for (let next = tokens.next(); !next.done && next.value !== ')'; next = tokens.next()) {
    if (next.value === '|') {
      alternatives.push(...phrases);
      phrases = [''];
    } else {
      const endings = next.value === '(' ? expandGroup(tokens) : [normalizeToken(next.value)];
      phrases = phrases.flatMap((phrase) => endings.map((ending) => phrase + ending));
    }
  }
  return [...alternatives, ...phrases];
}

/** Keeps the space between the token and the group before or after it. */
function normalizeToken(token: string): string {
  return `${token.startsWith(' ') ? ' ' : ''}${normalizeText(token).trim()}${token.endsWith(' ') ? ' ' : ''}`;
}
