import { dependent, type Step } from './footprint.js';
import type { Candidate, Choose } from './scheduler.js';

/** A point of a run at which sessions could send a statement. */
interface Node {
  candidates: readonly Candidate[];
  /** The session that goes on in the current run. */
  chosen: number;
  /** The sessions with which all orders from here on are done. */
  done: Set<number>;
  /** The sessions whose next statement here would only repeat an order in which it came earlier. */
  asleep: ReadonlySet<number>;
}

/** ALL: each order. DISTINCT: one of those that differ only by neighbours that cannot influence each other. */
export type Orders = 'ALL' | 'DISTINCT';

/**
 * Visits every order of the sessions' statements, depth first: each run repeats the choices of the last one up to the deepest point with
 * another choice. With DISTINCT, sleep sets leave out repetitions (Godefroid 1996), and a statement that nothing of the other sessions
 * can influence is sent at once. What the others do is learned: see `isSettled`.
 */
export class Exploration {
  private path: Node[] = [];
  private depth = 0;
  private isRepetition = false;
  /** The steps of each session that were seen, by what they can influence. */
  private readonly known = new Map<number, Map<string, Step>>();
  private readonly sentAtOnce = new Map<number, Map<string, Step>>();
  orders = 0;
  repetitions = 0;
  /** Runs that did not repeat: the application sent other statements than before, after the same choices. */
  diverged = 0;

  constructor(private readonly kind: Orders) {}

  /** Learns the steps of a run that is not one of the exploration. */
  readonly learn: Choose = (candidates) => {
    for (const candidate of candidates) remember(this.known, candidate);
    return 0;
  };

  /** As `learn`, in another order. */
  readonly learnLast: Choose = (candidates) => {
    this.learn(candidates);
    return candidates.length - 1;
  };

  /** The choices of the next run. */
  readonly choose: Choose = (candidates) => {
    for (const candidate of candidates) remember(this.known, candidate);
    const node = this.path[this.depth] ?? this.push(candidates);
    this.depth += 1;
    const index = candidates.findIndex(({ session }) => session === node.chosen);
    if (index >= 0) return index;
    this.diverged += 1;
    this.depth -= 1;
    this.path.length = this.depth;
    return this.choose(candidates);
  };

  /** Prepares the next run. @returns false if every order was visited */
  next(): boolean {
    if (this.isRepetition) this.repetitions += 1;
    else this.orders += 1;
    this.isRepetition = false;
    this.depth = 0;
    for (let node = this.path.pop(); node; node = this.path.pop()) {
      node.done.add(node.chosen);
      const { done, asleep } = node;
      const other = isSingle(node)
        ? undefined
        : node.candidates.find(({ session }) => !done.has(session) && !asleep.has(session));
      if (!other) continue;
      this.path.push({ ...node, chosen: other.session });
      return true;
    }
    return false;
  }

  /** Whether everything that was sent at once was independent of all that was seen until now. If not, the exploration begins again. */
  get isSettled(): boolean {
    return [...this.sentAtOnce].every(([session, steps]) =>
      [...steps.values()].every((step) => this.isFree(session, step)),
    );
  }

  /** Begins again, with what was learned. */
  restart(): void {
    this.sentAtOnce.clear();
    this.path = [];
    Object.assign(this, { depth: 0, isRepetition: false, orders: 0, repetitions: 0, diverged: 0 });
  }

  private push(candidates: readonly Candidate[]): Node {
    const asleep = this.sleepers(candidates);
    const free =
      this.kind === 'DISTINCT' ? candidates.find(({ session, step }) => this.isFree(session, step)) : undefined;
    if (free) remember(this.sentAtOnce, free);
    const awake = candidates.find(({ session }) => !asleep.has(session));
    if (!awake) this.isRepetition = true;
    const first = free ?? awake ?? (candidates as [Candidate, ...Candidate[]])[0];
    const node: Node = {
      // Without a choice, if it is sent at once or only repeats.
      candidates: free || this.isRepetition ? [first] : candidates,
      chosen: first.session,
      done: new Set(),
      asleep,
    };
    this.path.push(node);
    return node;
  }

  /** Those who slept or are done at the point before, and whose next statement is independent of what was sent there. */
  private sleepers(candidates: readonly Candidate[]): Set<number> {
    const last = this.path[this.depth - 1];
    if (!last || this.kind === 'ALL') return new Set();
    const sent = last.candidates.find(({ session }) => session === last.chosen) as Candidate;
    const isAsleep = ({ session, step }: Candidate): boolean =>
      session !== sent.session && (last.asleep.has(session) || last.done.has(session)) && !dependent(step, sent.step);
    return new Set(candidates.filter(isAsleep).map(({ session }) => session));
  }

  private isFree(session: number, step: Step): boolean {
    return [...this.known].every(
      ([other, steps]) => other === session || [...steps.values()].every((known) => !dependent(step, known)),
    );
  }
}

const isSingle = ({ candidates }: Node): boolean => candidates.length === 1;

function remember(steps: Map<number, Map<string, Step>>, { session, step }: Candidate): void {
  const own = steps.get(session) ?? new Map<string, Step>();
  steps.set(session, own);
  own.set(`${[...step.footprint].join()} ${[...step.publishes].join()}`, step);
}
