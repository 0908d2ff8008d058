import { cleanWord } from './lexicon/word-forms.js';

export interface Token {
  text: string;
  /** In the form in which words are compared. */
  word: string;
  start: number;
  end: number;
  kind: 'word' | 'number' | 'placeholder';
  /** What stands between this token and the one before. */
  before: string;
  /** Whether a sentence, a line or a part after a comma begins here. */
  startsClause: boolean;
  startsSentence: boolean;
  isCapitalized: boolean;
}

const TOKEN = /\[[a-z]+\]|[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}\u200D]|['’](?=\p{L}))*/gu;
const PLACEHOLDER = /^\[/u;
const CLAUSE_END = /[.,;:!?\n\r،؛؟।()|–—"“”]/u;
const SENTENCE_END = /[.!?:\n\r؟।"“(]/u;
/** "Dr. Salma": the point ends no sentence. */
const ABBREVIATION = /^(?:dr|mr|mrs|ms|prof|st|no|nos|डॉ|नं|د|أ|ص)$/iu;
/** "12", "3rd", "AB12", "B2": most tokens with a digit. */
const NUMBER = /^(?=\p{L}*\p{N})(?:\p{N}|[A-Z]+[\p{N}]{2,}|\p{L}\p{N}+$)/u;
/** Arabic words in Latin letters, in which digits are letters: "3ando", "7arara". */
const ARABIZI = /^[2356789][a-z]{2}|^[2356789]?[a-z]+[2356789][a-z]*$/u;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(TOKEN)) {
    const before = text.slice(end, index);
    const previous = tokens.at(-1);
    const isAbbreviated = previous !== undefined && before.startsWith('.') && ABBREVIATION.test(previous.text);
    tokens.push({
      text: found,
      word: cleanWord(found),
      start: index,
      end: index + found.length,
      kind: getKind(found),
      before,
      startsClause: !previous || (CLAUSE_END.test(before) && !isAbbreviated),
      startsSentence: !previous || (SENTENCE_END.test(before) && !isAbbreviated),
      isCapitalized: /^\p{Lu}/u.test(found),
    });
    end = index + found.length;
  }
  return tokens;
}

function getKind(text: string): Token['kind'] {
  if (PLACEHOLDER.test(text)) return 'placeholder';
  return NUMBER.test(text) && !ARABIZI.test(text) ? 'number' : 'word';
}

/** A part of the tokens, `from` to before `to`, that becomes one placeholder. */
export interface Span {
  from: number;
  to: number;
}

/** Replaces spans, which must be sorted and must not overlap. */
export function replaceSpans(
  text: string,
  tokens: readonly Token[],
  spans: readonly Span[],
  getPlaceholder: () => string,
): string {
  let redacted = '';
  let end = 0;
  for (const { from, to } of spans) {
    redacted += text.slice(end, tokens[from]?.start) + getPlaceholder();
    end = tokens[to - 1]?.end ?? end;
  }
  return redacted + text.slice(end);
}
