import { normalizeText } from './normalize.js';

/** Marks between two letters of one word: "che.st", "pa-in". */
const MARKS_IN_WORD = /(?<=[\p{L}\p{M}])[^\p{L}\p{M}\p{N}\s]{1,3}(?=\p{L})/gu;

/** One way to read a message, normalized. The rules search every variant. */
export interface TextVariant {
  text: string;
  /** Clause ends that were removed from the text: each is the number of words before it. */
  removedBreaks: readonly number[];
  /** Where the last of several messages begins; null if the text is one message. */
  lastStart: number | null;
}

/**
 * A message clause by clause, as one line (so that line breaks and punctuation within a phrase hide nothing), and as one
 * line without marks within words.
 */
export function getTextVariants(message: string): TextVariant[] {
  const clauses = normalizeText(message);
  const withoutMarks = message.replace(MARKS_IN_WORD, '');
  const variants: TextVariant[] = [{ text: clauses, removedBreaks: [], lastStart: null }, joinClauses(clauses)];
  if (withoutMarks !== message) variants.push(joinClauses(normalizeText(withoutMarks)));
  return variants.filter(({ text }, index) => variants.findIndex((other) => other.text === text) === index);
}

/** A message as one line in which "c h e s t" stays separated. */
export const getSpacedLine = (message: string): string => joinClauses(normalizeText(message, false)).text;

/** Several messages as one text, clause by clause and as one line. */
export function joinMessages(earlier: readonly string[], message: string): TextVariant[] {
  const last = normalizeText(message).trim();
  const parts = [...earlier.map((each) => normalizeText(each).trim()), last];
  const text = ` ${parts.filter(Boolean).join(' | ')} `;
  const line = joinClauses(text);
  const lastLine = joinClauses(` ${last} `).text;
  return [
    { text, removedBreaks: [], lastStart: text.length - last.length - 1 },
    { ...line, lastStart: line.text.length - lastLine.length + 1 },
  ];
}

function joinClauses(normalized: string): TextVariant {
  const words: string[] = [];
  const removedBreaks: number[] = [];
  for (const word of normalized.split(' ').filter(Boolean)) {
    if (word === '|') removedBreaks.push(words.length);
    else words.push(word);
  }
  return { text: ` ${words.join(' ')} `, removedBreaks, lastStart: null };
}
