import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkLinearizability, type Operation } from '../linearizability/checker.js';
import { slotsModel, type SlotsInput, type SlotsOutput } from '../linearizability/slots-model.js';

type SlotsOperation = Operation<SlotsInput, SlotsOutput>;

const DONE: SlotsOutput = { kind: 'done' };
const TAKEN: SlotsOutput = { kind: 'taken' };
const GONE: SlotsOutput = { kind: 'gone' };

const answered = (calledAt: number, returnedAt: number, input: SlotsInput, output: SlotsOutput): SlotsOperation => ({
  ...{ calledAt, returnedAt, input, output },
});
const lost = (calledAt: number, input: SlotsInput): SlotsOperation => ({
  ...{ calledAt, returnedAt: Infinity, input, output: undefined },
});
const book = (visit: string, slot = 0): SlotsInput => ({ kind: 'book', visit, slot });
const move = (visit: string, slot: number): SlotsInput => ({ kind: 'move', visit, slot });
const cancel = (visit: string): SlotsInput => ({ kind: 'cancel', visit });
const free = (...slots: number[]): SlotsOutput => ({ kind: 'listed', slots });
const seen = (slot: number | null): SlotsOutput => ({ kind: 'seen', slot });

const isLinearizable = (...operations: SlotsOperation[]): boolean =>
  checkLinearizability(slotsModel(2), operations).isLinearizable;

describe('a history is linearizable', () => {
  it('if each answer is possible one after the other', () => {
    expect(
      isLinearizable(
        answered(0, 1, book('a'), DONE),
        answered(2, 3, book('b'), TAKEN),
        answered(4, 5, { kind: 'free' }, free(1)),
        answered(6, 7, move('a', 1), DONE),
        answered(8, 9, { kind: 'look', visit: 'a' }, seen(1)),
        answered(10, 11, cancel('a'), DONE),
        answered(12, 13, cancel('a'), GONE),
        answered(14, 15, { kind: 'free' }, free(0, 1)),
      ),
    ).toBe(true);
  });

  it('if operations at the same time take effect in another order than they began', () => {
    expect(isLinearizable(answered(0, 10, book('a'), TAKEN), answered(1, 9, book('b'), DONE))).toBe(true);
    expect(
      isLinearizable(
        answered(0, 1, book('a'), DONE),
        answered(2, 20, book('b'), DONE),
        answered(3, 19, cancel('a'), DONE),
        answered(4, 5, { kind: 'free' }, free(1)),
      ),
    ).toBe(true);
  });

  it('if what had no answer happened, happened much later, or never', () => {
    const unanswered = lost(0, book('a'));
    expect(isLinearizable(unanswered, answered(1, 2, { kind: 'free' }, free(1)))).toBe(true);
    expect(isLinearizable(unanswered, answered(1, 2, { kind: 'free' }, free(0, 1)))).toBe(true);
    expect(
      isLinearizable(
        unanswered,
        answered(1, 2, { kind: 'free' }, free(0, 1)),
        answered(3, 4, { kind: 'free' }, free(1)),
        answered(5, 6, book('b'), TAKEN),
      ),
    ).toBe(true);
  });

  it('if a repeated booking is answered with the first one, also after its cancellation', () => {
    const first = lost(0, book('a'));
    expect(isLinearizable(first, answered(1, 2, book('a'), DONE), answered(3, 4, { kind: 'free' }, free(1)))).toBe(
      true,
    );
    expect(
      isLinearizable(
        answered(0, 1, book('a'), DONE),
        answered(2, 3, cancel('a'), DONE),
        answered(4, 5, book('a'), DONE),
        answered(6, 7, { kind: 'free' }, free(0, 1)),
      ),
    ).toBe(true);
  });
});

describe('a history is not linearizable', () => {
  it('if two have one time', () => {
    expect(isLinearizable(answered(0, 10, book('a'), DONE), answered(1, 9, book('b'), DONE))).toBe(false);
  });

  it('if an acknowledged booking is lost', () => {
    expect(isLinearizable(answered(0, 1, book('a'), DONE), answered(2, 3, { kind: 'free' }, free(0, 1)))).toBe(false);
    expect(
      isLinearizable(answered(0, 1, book('a'), DONE), answered(2, 3, { kind: 'look', visit: 'a' }, seen(null))),
    ).toBe(false);
  });

  it('if a refused booking has the time, or a booking is refused for nothing', () => {
    expect(isLinearizable(answered(0, 1, book('a'), TAKEN))).toBe(false);
    expect(
      isLinearizable(
        answered(0, 1, book('a'), DONE),
        answered(2, 3, book('b'), TAKEN),
        answered(4, 5, cancel('a'), DONE),
        answered(6, 7, { kind: 'free' }, free(1)),
      ),
    ).toBe(false);
  });

  it('if a read is older than an answer that came before it', () => {
    expect(
      isLinearizable(
        answered(0, 1, book('a'), DONE),
        answered(2, 3, move('a', 1), DONE),
        answered(4, 5, { kind: 'free' }, free(1)),
      ),
    ).toBe(false);
    expect(
      isLinearizable(
        answered(0, 9, book('a'), DONE),
        answered(1, 2, { kind: 'free' }, free(1)),
        answered(3, 4, { kind: 'free' }, free(0, 1)),
      ),
    ).toBe(false);
  });

  it('if what had no answer would have to happen twice', () => {
    expect(
      isLinearizable(
        lost(0, cancel('a')),
        answered(1, 2, book('a'), DONE),
        answered(3, 4, { kind: 'free' }, free(0, 1)),
        answered(5, 6, { kind: 'look', visit: 'a' }, seen(0)),
      ),
    ).toBe(false);
  });

  it('if what had no answer happens before it was sent', () => {
    expect(isLinearizable(answered(0, 1, { kind: 'free' }, free(1)), lost(2, book('a')))).toBe(false);
  });

  it('and the verdict names the operations that nothing explains', () => {
    const wrong = answered(2, 3, { kind: 'free' }, free(0, 1));
    expect(checkLinearizability(slotsModel(2), [answered(0, 1, book('a'), DONE), wrong])).toEqual({
      isLinearizable: false,
      explained: 1,
      stuck: [wrong],
    });
  });
});

/** Operations one after the other, with the answers of the model, and then spread over time so that they overlap. */
const histories = fc
  .array(
    fc.record({
      kind: fc.nat({ max: 4 }),
      visit: fc.constantFrom('a', 'b', 'c'),
      slot: fc.nat({ max: 1 }),
      early: fc.nat({ max: 30 }),
      late: fc.nat({ max: 30 }),
    }),
    {
      maxLength: 25,
    },
  )
  .map((items) => {
    let { initial: state } = slotsModel(2);
    return items.map(({ kind, visit, slot, early, late }, index): SlotsOperation => {
      const input = [
        book(visit, slot),
        move(visit, slot),
        cancel(visit),
        { kind: 'look' as const, visit },
        { kind: 'free' as const },
      ][kind] as SlotsInput;
      const { output, after } = answer(state, input);
      state = after;
      return answered(index * 10 - early, index * 10 + late, input, output);
    });
  });

function answer(
  state: ReturnType<typeof slotsModel>['initial'],
  input: SlotsInput,
): { output: SlotsOutput; after: typeof state } {
  const outputs = [DONE, TAKEN, GONE, seen(null), seen(0), seen(1), free(), free(0), free(1), free(0, 1)];
  const fitting: SlotsOutput['kind'][] =
    input.kind === 'free' ? ['listed'] : input.kind === 'look' ? ['seen'] : ['done', 'taken', 'gone'];
  for (const output of outputs) {
    if (!fitting.includes(output.kind)) continue;
    const after = slotsModel(2).step(state, input, output);
    if (after) return { output, after };
  }
  throw new Error('The model has no answer.');
}

describe('a history that one server has made', () => {
  it('is always linearizable, with answers that overlap and with some that are lost', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.boolean()), (history, losses) => {
        expect(isLinearizable(...history)).toBe(true);
        const isLost = losses[Symbol.iterator]();
        const partly = history.map((each) => (isLost.next().value ? lost(each.calledAt, each.input) : each));
        expect(isLinearizable(...partly)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is not linearizable with a read of a time that nobody has had', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const last = history.length * 10 + 100;
        expect(isLinearizable(...history, answered(last, last + 1, { kind: 'look', visit: 'nobody' }, seen(0)))).toBe(
          false,
        );
      }),
      { numRuns: 100 },
    );
  });
});
