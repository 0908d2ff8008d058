/** Work that ends when the test says so, and returns its number: 1 for the first. */
export function heldWork(): { work: () => Promise<number>; begun: () => number; end: (fails?: boolean) => void } {
  let begun = 0;
  const ends: ((fails: boolean) => void)[] = [];
  const work = (): Promise<number> => {
    const n = (begun += 1);
    return new Promise((resolve, reject) => {
      ends.push((fails) => (fails ? reject(new Error('as planned')) : resolve(n)));
    });
  };
  return { work, begun: () => begun, end: (fails = false) => ends.shift()?.(fails) };
}

/** Lets everything run that waits for no timer or I/O. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
