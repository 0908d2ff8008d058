/** So much of what was said before is looked at: the last messages of the person, and the end of each. */
const MAX_MESSAGES = 6;
const MAX_CHARACTERS = 4_000;

/**
 * What the person said before, oldest first, from what the client remembers: `{ role, content }`, or
 * `{ text, isSender, timestamp }`. Anything else says nothing.
 */
export function earlierMessages(history: readonly unknown[] | null | undefined): string[] {
  return (history ?? [])
    .flatMap((item) => saidByPerson(item) ?? [])
    .slice(-MAX_MESSAGES)
    .map((text) => text.slice(-MAX_CHARACTERS));
}

function saidByPerson(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null;
  const { role, content, text, isSender } = item as Record<string, unknown>;
  const said = role === 'user' ? content : isSender === true ? text : null;
  return typeof said === 'string' && said.trim() !== '' ? said : null;
}
