import { isAdministrative } from './administrative/administrative.js';
import { findRedFlag, findRedFlagInLongText, findRedFlagInStory, type Found } from './red-flags/find-red-flag.js';

/** The result of the rules for a message, before any model is asked. Only an administrative one has no emergency lines. */
export type Assessment = { kind: 'EMERGENCY'; found: Found } | { kind: 'HEALTH' } | { kind: 'ADMINISTRATIVE' };

/** Earlier messages of the person that are read together with a new one. */
export const MAX_EARLIER_MESSAGES = 3;

/**
 * Assesses a message together with the last few of the same person. A sign may be described in several messages, also with a
 * question about an appointment between them. After a sign, every message that is not administrative is still an emergency:
 * "he says it is nothing" does not lower it.
 */
export function assess(message: string, allEarlier: readonly string[] = []): Assessment {
  const earlier = allEarlier.slice(-MAX_EARLIER_MESSAGES);
  const administrative = isAdministrative(message);
  const found =
    findRedFlagInLongText(message) ??
    findRedFlagInStory(earlier, message) ??
    findRedFlagInStory(
      earlier.filter((each) => !isAdministrative(each)),
      message,
    ) ??
    (administrative ? null : (earlier.map(findRedFlag).findLast(Boolean) ?? null));
  if (found) return { kind: 'EMERGENCY', found };
  return { kind: administrative && earlier.every(isAdministrative) ? 'ADMINISTRATIVE' : 'HEALTH' };
}
