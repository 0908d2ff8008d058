import { findEmergency, type Emergency } from '../ai/index.js';
import { findSigns, readRequest, textShowsSign, unescaped } from '../stroke/index.js';

/** A positive or possible stroke sign in a form, or an emergency that free text describes. */
export type BodyEmergency = { kind: 'SIGN' } | ({ kind: 'RED_FLAG' } & Emergency);

/** The maximum number of values whose texts are searched. */
const MAX_VALUES = 5_000;
/** Matches negative fields of a form, such as `"seizure": false` and `seizure=no`, whose names must not count as symptoms. */
const NEGATIVE_FIELDS =
  /["']?[\p{L}\p{M}\p{N}_-]{1,40}["']?\s{0,4}[:=]\s{0,4}["']?(?:false|no|0|off|null|لا|नहीं)(?![\p{L}\p{M}\p{N}.])/giu;

/**
 * Searches the body of a refused request for an emergency: for a positive or possible stroke sign in its fields, then for an
 * emergency in all of its texts.
 * @param body undefined if it could not be parsed: then `text` is searched instead
 * @param now epoch milliseconds
 */
export function findEmergencyInBody(body: unknown, text: string, now: number): BodyEmergency | null {
  if (body === undefined)
    return textShowsSign(text) ? { kind: 'SIGN' } : findInText(unescaped(text).replace(NEGATIVE_FIELDS, ' '));
  const { reasons, isPossible } = findSigns(body);
  if (reasons.length > 0 || isPossible) return { kind: 'SIGN' };
  if (readRequest(body, 'CLIENT', now).level === 'CALL_EMERGENCY') return { kind: 'SIGN' };
  return findInText(collectTexts(body).join('\n'));
}

function findInText(text: string): BodyEmergency | null {
  const emergency = findEmergency(text);
  return emergency && { kind: 'RED_FLAG', ...emergency };
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
