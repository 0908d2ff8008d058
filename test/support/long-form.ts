/**
 * Whether the tests run in their long form, by `npm run test:long`: with all rounds, and with the tests that start, kill and
 * freeze many processes. `npm test` runs the same code with fewer rounds.
 */
export const isLongForm = process.env.LONG_TESTS === 'true';

/** Returns the number of rounds of a test. */
export const rounds = (short: number, long: number): number => (isLongForm ? long : short);

/** Returns a function that defines a test or a group of tests only in the long form: `inLongForm(it)('survives …', …)`. */
export const inLongForm = <Args extends unknown[]>(define: (...args: Args) => void): ((...args: Args) => void) =>
  isLongForm ? define : () => undefined;
