/**
 * Waits for reads that were begun together. Where several fail, the first of the list is thrown, whichever was first in
 * time: what the caller hears does not hang on a race.
 */
export async function allInOrder<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  second.catch(() => undefined);
  return [await first, await second];
}
