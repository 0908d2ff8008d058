/** An operation of a client. Times are of one clock. */
export interface Operation<Input, Output> {
  input: Input;
  calledAt: number;
  /** Infinity without an answer: the operation may have its effect at any later time, or never. */
  returnedAt: number;
  /** Undefined without an answer. */
  output: Output | undefined;
}

/** What the operations do, one after the other. */
export interface Model<State, Input, Output> {
  initial: State;
  /** Equal for equal states. */
  key(state: State): string;
  /** The state after the operation; null if it cannot have this output. Without an output, every effect that it can have is accepted. */
  step(state: State, input: Input, output: Output | undefined): State | null;
}

export type Verdict<Input, Output> =
  | { isLinearizable: true }
  /** `stuck`: the operations that can come next in the longest order found, none of which has an output that is possible then. */
  | { isLinearizable: false; explained: number; stuck: Operation<Input, Output>[] };

/**
 * Whether one order of the operations explains all answers, in which each operation takes effect between its call and its answer: the
 * algorithm of Wing and Gong with Lowe's memory of visited configurations.
 * @throws UndecidedError after too many of them
 */
export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): Verdict<Input, Output> {
  return new Search(model, operations).run();
}

/** Some seconds; a history of a few hundred operations needs a thousandth. */
const MAX_CONFIGURATIONS = 500_000;

/** The search was given up: the question is hard for some histories (it is NP-complete). */
export class UndecidedError extends Error {
  constructor() {
    super(`No order was found among ${MAX_CONFIGURATIONS} configurations; there may be one.`);
  }
}

class Search<State, Input, Output> {
  private readonly answered: Operation<Input, Output>[];
  private readonly unanswered: Operation<Input, Output>[];
  /** For each configuration that leads nowhere, the unanswered operations that were used: with more of them, it leads nowhere either. */
  private readonly failed = new Map<string, Set<number>[]>();
  private configurations = 0;
  private explained = -1;
  private stuck: Operation<Input, Output>[] = [];

  constructor(
    private readonly model: Model<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
  ) {
    const sorted = [...operations].sort((a, b) => a.calledAt - b.calledAt);
    this.answered = sorted.filter(({ returnedAt }) => returnedAt !== Infinity);
    this.unanswered = sorted.filter(({ returnedAt }) => returnedAt === Infinity);
  }

  run(): Verdict<Input, Output> {
    if (this.search(this.model.initial, 0, new Set(), new Set())) return { isLinearizable: true };
    return { isLinearizable: false, explained: this.explained, stuck: this.stuck };
  }

  /**
   * @param first the first answered operation that has no place in the order yet
   * @param later the answered operations behind it that have one
   * @param used the unanswered operations that have had their effect
   */
  private search(state: State, first: number, later: ReadonlySet<number>, used: ReadonlySet<number>): boolean {
    if (first === this.answered.length) return true;
    if (!this.isNew(`${first} ${[...later].sort(ascending).join()} ${this.model.key(state)}`, used)) return false;
    const { candidates, before } = this.findCandidates(first, later);
    for (const index of candidates) {
      const { input, output } = this.answered[index] as Operation<Input, Output>;
      const next = this.model.step(state, input, output);
      if (next === null) continue;
      const placed = new Set(later).add(index);
      let from = first;
      while (placed.delete(from)) from += 1;
      if (this.search(next, from, placed, used)) return true;
    }
    this.note(first + later.size, candidates);
    return this.tryUnanswered(state, { first, later, used, before });
  }

  private isNew(configuration: string, used: ReadonlySet<number>): boolean {
    const failed = this.failed.get(configuration) ?? [];
    if (failed.some((earlier) => [...earlier].every((index) => used.has(index)))) return false;
    this.configurations += 1;
    if (this.configurations > MAX_CONFIGURATIONS) throw new UndecidedError();
    this.failed.set(configuration, [...failed, new Set(used)]);
    return true;
  }

  /** An operation without an answer is only given an effect if that changes something. */
  private tryUnanswered(
    state: State,
    {
      first,
      later,
      used,
      before,
    }: { first: number; later: ReadonlySet<number>; used: ReadonlySet<number>; before: number },
  ): boolean {
    for (const [index, { input, calledAt }] of this.unanswered.entries()) {
      if (used.has(index) || calledAt > before) continue;
      const next = this.model.step(state, input, undefined);
      if (next === null || this.model.key(next) === this.model.key(state)) continue;
      if (this.search(next, first, later, new Set(used).add(index))) return true;
    }
    return false;
  }

  /** Those that were called before any operation without a place was answered. */
  private findCandidates(first: number, later: ReadonlySet<number>): { candidates: number[]; before: number } {
    let before = Infinity;
    const candidates: number[] = [];
    for (let index = first; index < this.answered.length; index += 1) {
      const { calledAt, returnedAt } = this.answered[index] as Operation<Input, Output>;
      if (calledAt > before) break;
      if (later.has(index)) continue;
      candidates.push(index);
      before = Math.min(before, returnedAt);
    }
    // Of those, some were called after the first answer that was found behind them.
    return { candidates: candidates.filter((index) => (this.answered[index]?.calledAt ?? Infinity) <= before), before };
  }

  private note(explained: number, candidates: readonly number[]): void {
    if (explained <= this.explained) return;
    this.explained = explained;
    this.stuck = candidates.map((index) => this.answered[index] as Operation<Input, Output>);
  }
}

const ascending = (a: number, b: number): number => a - b;
