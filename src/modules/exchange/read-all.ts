import type { Page } from '../../core/http/page.js';

/** The items of all pages of a list. @param read reads the page after a cursor; the first one without */
export async function* readAll<Item>(
  read: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
