import { describe, expect, it } from '@jest/globals';
import { unavailable } from './database-errors.js';
import { ReadBatches } from './read-batches.js';

/** The maximum number of microtask turns to wait for, so that a failing test ends. */
const MAX_TURNS = 1_000;

/** Batches of queries that double a number. The test decides when each statement ends. */
class DoublingBatches {
  readonly statements: { numbers: readonly number[]; end: () => void; fail: (error: Error) => void }[] = [];
  readonly batches = new ReadBatches<number, number>((numbers) => {
    return new Promise((resolve, reject) => {
      const end = (): void => resolve(numbers.map((number) => number * 2));
      this.statements.push({ numbers, end, fail: reject });
    });
  });

  /** The statements that have been sent. */
  get sent(): (readonly number[])[] {
    return this.statements.map(({ numbers }) => numbers);
  }

  /** Waits until a number of statements have been sent. */
  async waitForSent(count: number): Promise<void> {
    for (let turn = 0; this.statements.length < count && turn < MAX_TURNS; turn += 1) await Promise.resolve();
  }

  /** Ends all statements, also those that are sent because others have ended. */
  async endAll(answers: Promise<unknown>[]): Promise<void> {
    let isDone = false;
    void Promise.allSettled(answers).then(() => (isDone = true));
    for (let turn = 0; !isDone && turn < MAX_TURNS; turn += 1) {
      // Ending a statement again has no effect.
      for (const { end } of this.statements) end();
      await Promise.resolve();
    }
  }
}

describe('ReadBatches', () => {
  it('sends a query at once while fewer than two statements are running', () => {
    const doubling = new DoublingBatches();
    void doubling.batches.find(1);
    void doubling.batches.find(2);
    expect(doubling.sent).toEqual([[1], [2]]);
  });

  it('sends queries that arrive while two statements run together, and returns to each its own answer', async () => {
    const doubling = new DoublingBatches();
    const answers = [1, 2, 3, 4, 5].map((number) => doubling.batches.find(number));
    await doubling.endAll(answers);
    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8, 10]);
    expect(doubling.sent).toEqual([[1], [2], [3, 4, 5]]);
  });

  it('sends at most sixteen queries in a statement', async () => {
    const doubling = new DoublingBatches();
    const answers = Array.from({ length: 40 }, (_, number) => doubling.batches.find(number));
    await doubling.endAll(answers);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 40 }, (_, number) => number * 2));
    expect(doubling.sent.map((numbers) => numbers.length)).toEqual([1, 1, 16, 16, 6]);
  });

  it('runs each query of a failed statement alone, and throws only the errors of those that fail again', async () => {
    const doubling = new DoublingBatches();
    const answers = [1, 2, 3, 4].map((number) => doubling.batches.find(number));
    const settled = Promise.allSettled(answers);
    doubling.statements[0]?.end();
    await answers[0];
    doubling.statements[1]?.end();
    await answers[1];
    doubling.statements[2]?.fail(new Error('connection lost'));
    await doubling.waitForSent(4);
    doubling.statements[3]?.fail(new Error('bad query'));
    await doubling.waitForSent(5);
    doubling.statements[4]?.end();
    expect((await settled).map((one) => ('value' in one ? one.value : (one.reason as Error).message))).toEqual([
      2,
      4,
      'bad query',
      8,
    ]);
    expect(doubling.sent).toEqual([[1], [2], [3, 4], [3], [4]]);
  });

  it('runs at most two statements at the same time, also after two failed ones', async () => {
    const doubling = new DoublingBatches();
    const answers = [1, 2, 3, 4, 5, 6].map((number) => doubling.batches.find(number));
    doubling.statements[0]?.end();
    await doubling.waitForSent(3);
    answers.push(doubling.batches.find(7), doubling.batches.find(8));
    doubling.statements[1]?.end();
    await doubling.waitForSent(4);
    doubling.statements[2]?.fail(new Error('bad batch'));
    doubling.statements[3]?.fail(new Error('bad batch'));
    // Waits in vain for a seventh statement, which would be the third at the same time.
    await doubling.waitForSent(7);
    expect(doubling.sent).toEqual([[1], [2], [3, 4, 5, 6], [7, 8], [3], [7]]);
    for (const { end } of doubling.statements.slice(4)) end();
    await doubling.endAll(answers);
    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
  });

  it('sends no more queries of a failed statement if PostgreSQL cannot be reached', async () => {
    const doubling = new DoublingBatches();
    const settled = Promise.allSettled([1, 2, 3, 4, 5].map((number) => doubling.batches.find(number)));
    doubling.statements[0]?.end();
    await doubling.waitForSent(3);
    doubling.statements[1]?.end();
    doubling.statements[2]?.fail(unavailable());
    await doubling.waitForSent(4);
    doubling.statements[3]?.fail(unavailable());
    expect((await settled).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
    expect(doubling.sent).toEqual([[1], [2], [3, 4, 5], [3]]);
  });
});
