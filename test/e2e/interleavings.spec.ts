import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Interleavings } from '../interleavings/interleavings.js';
import { SCENARIOS, type Scenario } from '../interleavings/scenarios.js';
import { rounds } from '../support/long-form.js';

/** A sample of `npm run interleavings`: orders of the statements of concurrent requests in several applications on one database. */

let interleavings: Interleavings;
/** What the applications do not do, in the tests of the checks themselves. */
let leftOut: RegExp | null = null;

beforeAll(async () => {
  interleavings = await Interleavings.start((text) => (leftOut ? text.replace(leftOut, '') : text));
});

afterAll(() => interleavings.close());

const find = (name: string): Scenario => SCENARIOS.find((scenario) => scenario.name === name) as Scenario;

it.each(['book, close', 'cancel, cancel of one appointment', 'book, book with one Idempotency-Key'])(
  'every order of the statements of two sessions keeps the rules: %s',
  async (name) => {
    const { failures, orders, diverged } = await interleavings.explore(find(name));
    expect({ failures, diverged }).toEqual({ failures: [], diverged: 0 });
    expect(orders).toBeGreaterThan(1);
  },
);

it('random orders of three sessions keep the rules', async () => {
  expect((await interleavings.exploreThree(rounds(6, 100), 1)).size).toBeGreaterThan(1);
});

it('orders that differ only by neighbours without influence have no other answers', async () => {
  const distinct = await interleavings.explore(find('book, close the doctor'), 'DISTINCT');
  const all = await interleavings.explore(find('book, close the doctor'), 'ALL');
  expect(all.orders).toBeGreaterThan(distinct.orders);
  expect([...all.results.keys()].sort()).toEqual([...distinct.results.keys()].sort());
});

describe('the checks notice', () => {
  it('a lock that is not taken', async () => {
    leftOut = /FOR NO KEY UPDATE/;
    const { failures } = await interleavings.explore(find('reschedule, cancel of one appointment'));
    leftOut = null;
    expect(failures).toEqual([expect.stringMatching(/acknowledged changes/)]);
  });

  it('a constraint that is missing', async () => {
    const { rows } = await interleavings.app.db.query<{ name: string; definition: string }>(
      `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
       WHERE conrelid = 'reservation'::regclass AND contype = 'x'`,
    );
    expect(rows).toHaveLength(1);
    await interleavings.app.db.query(`ALTER TABLE reservation DROP CONSTRAINT ${rows[0]?.name}`);
    const { failures } = await interleavings.explore(find('book, reschedule'));
    expect(failures).toEqual([expect.stringMatching(/reservations overlap[^]*A: .*WITH booking/)]);
  });
});
