import { findRedFlagInLongText, type Found } from '../ai/index.js';
import { findSigns, readRequest, textShowsSign, unescaped } from '../stroke/index.js';

/** A sign of a stroke that was set in a form, or a red flag in somebody's words. */
export type Emergency = { kind: 'SIGN' } | ({ kind: 'RED_FLAG' } & Found);

const MAX_VALUES = 5_000;
/** `"seizure": false` and `seizure=no`: a form's words are none of the person's where the answer is no. */
const DENIED =
  /["']?[\p{L}\p{M}\p{N}_-]{1,40}["']?\s{0,4}[:=]\s{0,4}["']?(?:false|no|0|off|null|لا|नहीं)(?![\p{L}\p{M}\p{N}.])/giu;

/**
 * Looks for an emergency in a body that was refused: for a positive sign by the names of fields, and for a red flag in
 * everything that was written.
 * @param now epoch milliseconds
 */
export function lookForEmergency(body: unknown, text: string, now: number): Emergency | null {
  if (body === undefined)
    return textShowsSign(text) ? { kind: 'SIGN' } : redFlagIn(unescaped(text).replace(DENIED, ' '));
  const { reasons, isPossible } = findSigns(body);
  if (reasons.length > 0 || isPossible) return { kind: 'SIGN' };
  if (readRequest(body, 'CLIENT', now).level === 'CALL_EMERGENCY') return { kind: 'SIGN' };
  return redFlagIn(wordsIn(body).join('\n'));
}

function redFlagIn(text: string): Emergency | null {
  const found = findRedFlagInLongText(text);
  return found && { kind: 'RED_FLAG', ...found };
}

/** Everything that was written in a body, in its order. */
function wordsIn(body: unknown): string[] {
  const words: string[] = [];
  const open: unknown[] = [body];
  for (let seen = 0; open.length > 0 && seen < MAX_VALUES; seen += 1) {
    const value = open.pop();
    if (typeof value === 'string') words.push(value);
    else if (typeof value === 'object' && value !== null) open.push(...(Object.values(value) as unknown[]).reverse());
  }
  return words;
}
