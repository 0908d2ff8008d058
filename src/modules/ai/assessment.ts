import { isAdministrative } from './administrative/administrative.js';
import {
  findRedFlag,
  findRedFlagInLongText,
  findRedFlagAcrossMessages,
  type RedFlagMatch,
} from './red-flags/find-red-flag.js';

/** What the rules found in a message, before any model is called. All but administrative messages get the emergency lines. */
export type Assessment = { kind: 'EMERGENCY'; redFlag: RedFlagMatch } | { kind: 'HEALTH' } | { kind: 'ADMINISTRATIVE' };

/** Earlier messages of the person that are read together with a new one. */
const MAX_EARLIER_MESSAGES = 3;

/**
 * Assesses a message together with the last few of the same person. A red flag may be described in several messages, also with a
 * question about an appointment between them. After a red flag, every message that is not administrative is still an emergency:
 * "he says it is nothing" does not lower it.
 */
export function assess(message: string, allEarlier: readonly string[] = []): Assessment {
  const earlier = allEarlier.slice(-MAX_EARLIER_MESSAGES);
  const aboutHealth = earlier.filter((each) => !isAdministrative(each));
  const isMessageAdministrative = isAdministrative(message);
  let redFlag =
    findRedFlagInLongText(message) ??
    findRedFlagAcrossMessages(earlier, message) ??
    findRedFlagAcrossMessages(aboutHealth, message);
  if (!redFlag && !isMessageAdministrative) redFlag = findLastRedFlag(earlier);
  if (redFlag) return { kind: 'EMERGENCY', redFlag };
  return { kind: isMessageAdministrative && aboutHealth.length === 0 ? 'ADMINISTRATIVE' : 'HEALTH' };
}

function findLastRedFlag(messages: readonly string[]): RedFlagMatch | null {
  return messages.map(findRedFlag).findLast(Boolean) ?? null;
}
