import { fold } from './normalize.js';

/** Marks that stand between two letters of one word: "che.st", "pa-in". */
const INSIDE_WORDS = /(?<=[\p{L}\p{M}])[^\p{L}\p{M}\p{N}\s]{1,3}(?=\p{L})/gu;

export interface Reading {
  text: string;
  /** After how many words a clause ended that this reading runs on. */
  breaks: readonly number[];
}

/**
 * A message as the rules read it: clause by clause, as one line (line breaks and punctuation inside a phrase hide
 * nothing), and without the marks inside of its words. All folded.
 */
export function readingsOf(message: string): Reading[] {
  const clauses = fold(message);
  const joined = message.replace(INSIDE_WORDS, '');
  const readings = [{ text: clauses, breaks: [] }, oneLine(clauses)];
  if (joined !== message) readings.push(oneLine(fold(joined)));
  return readings.filter(({ text }, index) => readings.findIndex((other) => other.text === text) === index);
}

/** The words as they are spaced, for letters that are spread over the line. */
export const spacedReadingOf = (message: string): string => oneLine(fold(message, false)).text;

/**
 * Several messages read as one text, clause by clause and as one line, with the length of the last of them: a story ends
 * in the last message.
 */
export function storiesOf(earlier: readonly string[], message: string): (Reading & { last: number })[] {
  const last = fold(message).trim();
  const text = ` ${[...earlier.map((each) => fold(each).trim()), last].filter(Boolean).join(' | ')} `;
  const line = oneLine(text);
  return [
    { text, breaks: [], last: last.length + 1 },
    { ...line, last: oneLine(` ${last} `).text.length - 1 },
  ];
}

function oneLine(folded: string): Reading {
  const words: string[] = [];
  const breaks: number[] = [];
  for (const word of folded.split(' ').filter(Boolean)) {
    if (word === '|') breaks.push(words.length);
    else words.push(word);
  }
  return { text: ` ${words.join(' ')} `, breaks };
}
