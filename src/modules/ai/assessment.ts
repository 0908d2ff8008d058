import { isAdministrative } from './administrative/administrative.js';
import { findRedFlag, findRedFlagInLongText, findRedFlagInStory, type Found } from './red-flags/gate.js';

/** What rules make of a message before any model is asked. Only an administrative one goes without the emergency lines. */
export type Assessment = { kind: 'EMERGENCY'; found: Found } | { kind: 'HEALTH' } | { kind: 'ADMINISTRATIVE' };

/** So many messages of the person, before this one, are looked at together with it. */
export const MAX_EARLIER_MESSAGES = 3;

/**
 * A message together with the last few of the same person. A sign may be told in several of them; and once a sign was
 * told, whatever is said of it after that is still an emergency: "he says it is nothing" lowers nothing. A question about
 * an appointment between two parts of a sign does not part them.
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
