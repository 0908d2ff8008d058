/** Limits: the user's last messages, and the end of each. */
const MAX_MESSAGES = 6;
const MAX_CHARACTERS = 4_000;

/**
 * The user's earlier messages, oldest first, from the history that the app sends as `{ role, content }` or
 * `{ text, isSender, timestamp }`. Ignores other items.
 */
export function earlierMessages(history: readonly unknown[] | null | undefined): string[] {
  return (history ?? [])
    .flatMap((item) => getUserText(item) ?? [])
    .slice(-MAX_MESSAGES)
    .map((text) => text.slice(-MAX_CHARACTERS));
}

function getUserText(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null;
  const { role, content, text, isSender } = item as Record<string, unknown>;
  const message = role === 'user' ? content : isSender === true ? text : null;
  return typeof message === 'string' && message.trim() !== '' ? message : null;
}
