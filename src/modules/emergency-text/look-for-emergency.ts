import { findEmergency, type Emergency as FoundEmergency } from '../ai/index.js';
import { findSigns, readRequest, textShowsSign, unescaped } from '../stroke/index.js';

/** A positive or possible stroke sign in a form, or a red flag in free text. */
export type Emergency = { kind: 'SIGN' } | ({ kind: 'RED_FLAG' } & FoundEmergency);

/** The maximum number of values whose texts are searched. */
const MAX_VALUES = 5_000;
/** Matches negative fields of a form, such as `"seizure": false` and `seizure=no`, whose names must not count as symptoms. */
const NEGATIVE_FIELDS =
  /["']?[\p{L}\p{M}\p{N}_-]{1,40}["']?\s{0,4}[:=]\s{0,4}["']?(?:false|no|0|off|null|لا|नहीं)(?![\p{L}\p{M}\p{N}.])/giu;

/**
 * Searches a refused body for an emergency: for a positive or possible stroke sign by field names, and for a red flag in all text.
 * @param now epoch milliseconds
 */
export function lookForEmergency(body: unknown, text: string, now: number): Emergency | null {
  if (body === undefined)
    return textShowsSign(text) ? { kind: 'SIGN' } : redFlagIn(unescaped(text).replace(NEGATIVE_FIELDS, ' '));
  const { reasons, isPossible } = findSigns(body);
  if (reasons.length > 0 || isPossible) return { kind: 'SIGN' };
  if (readRequest(body, 'CLIENT', now).level === 'CALL_EMERGENCY') return { kind: 'SIGN' };
  return redFlagIn(collectTexts(body).join('\n'));
}

function redFlagIn(text: string): Emergency | null {
  const match = findEmergency(text);
  return match && { kind: 'RED_FLAG', ...match };
}

/** All strings in a body, in order. */
function collectTexts(body: unknown): string[] {
  const texts: string[] = [];
  const pending: unknown[] = [body];
  for (let seen = 0; pending.length > 0 && seen < MAX_VALUES; seen += 1) {
    const value = pending.pop();
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null)
      pending.push(...(Object.values(value) as unknown[]).reverse());
  }
  return texts;
}
