import type { LinearModel } from '../../classifier/linear-model.js';
import type { Role } from '../address-roles.js';
import type { Span, Token } from '../tokens.js';
import { TokenTagger } from './tagger.js';

/** From this probability on, a token beside an address belongs to it. */
const MIN_PROBABILITY = 0.5;
/** For a word beside an address that was found, a lower one is enough: numbers may be clinical values. */
const MIN_PROBABILITY_OF_WORD = 0.25;
/** From this probability on, two tokens are an address although no rule says so. */
const SURE_PROBABILITY = 0.7;
const MIN_SURE_TOKENS = 2;
/** How often an address may grow. */
const MAX_ROUNDS = 4;
/** Below this probability, a word at the end of an address does not belong to it. */
const MAX_PROBABILITY_OF_ORDINARY = 0.01;
/** Tokens farther from any part of an address are not looked at. */
const MAX_DISTANCE = 6;
const ADDRESS_ROLES: ReadonlySet<Role> = new Set(['start', 'end', 'landmark', 'postcode', 'place']);
const ORDINARY_ROLES: ReadonlySet<Role> = new Set(['other', 'link', 'proper']);

/** Corrects the addresses that the rules have found, by what stands around each token. */
export class TaggedAddresses {
  private readonly isNear: readonly boolean[];
  private readonly tagger: TokenTagger | undefined;
  private readonly probabilities: readonly number[];

  constructor(
    private readonly tokens: readonly Token[],
    private readonly roles: readonly Role[],
    private readonly found: readonly Span[],
    weights?: LinearModel,
  ) {
    this.isNear = this.getNearTokens();
    this.tagger = this.isNear.includes(true) ? new TokenTagger(tokens, weights, roles) : undefined;
    this.probabilities = this.isNear.map((isNear, index) =>
      isNear ? (this.tagger?.getProbability(index, 'address') ?? 0) : 0,
    );
  }

  /** @returns sorted spans */
  find(): Span[] {
    const isInRule = this.tokens.map(() => false);
    for (const span of this.found) {
      const { from, to } = this.trim(span);
      isInRule.fill(true, from, to);
    }
    const isTagged = this.tokens.map(
      ({ kind }, index) => kind !== 'placeholder' && (this.probabilities[index] ?? 0) > MIN_PROBABILITY,
    );
    const runs = toRuns(isInRule.map((isIn, index) => isIn || isTagged[index] === true));
    const isFound = this.tokens.map(() => false);
    for (const { from, to } of runs)
      if (isInRule.slice(from, to).includes(true) || this.isSure(from, to)) isFound.fill(true, from, to);
    return toRuns(this.grow(isFound));
  }

  /** Adds the tokens beside an address that belong to it. */
  private grow(isFound: boolean[]): boolean[] {
    if (!isFound.includes(true)) return isFound;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const isPart = this.tokens.map((_, index) => isFound[index] === true || this.isBesideFound(index, isFound));
      const isGrown = this.tokens.map(() => false);
      for (const { from, to } of toRuns(isPart))
        if (isFound.slice(from, to).includes(true)) isGrown.fill(true, from, to);
      if (isGrown.every((isIn, index) => isIn === isFound[index])) break;
      isFound = isGrown;
    }
    return isFound;
  }

  private isBesideFound(index: number, isFound: readonly boolean[]): boolean {
    if (this.tokens[index]?.kind === 'placeholder' || !this.isNear[index]) return false;
    const minimum = this.tokens[index]?.kind === 'number' ? MIN_PROBABILITY : MIN_PROBABILITY_OF_WORD;
    return (this.tagger?.getProbabilityBesideFound(index, isFound, 'address') ?? 0) > minimum;
  }

  private getNearTokens(): boolean[] {
    const isNear = this.tokens.map(() => false);
    const mark = (from: number, to: number): void => {
      isNear.fill(true, Math.max(0, from - MAX_DISTANCE), to + MAX_DISTANCE);
    };
    this.roles.forEach((role, index) => {
      if (ADDRESS_ROLES.has(role)) mark(index, index + 1);
    });
    for (const { from, to } of this.found) mark(from, to);
    return isNear;
  }

  /** "fell in the bathroom at Flat 12": the rules begin some addresses too early. */
  private trim({ from, to }: Span): Span {
    let [start, end] = [from, to];
    while (start < end && this.isOrdinary(start)) start += 1;
    while (end > start && this.isOrdinary(end - 1)) end -= 1;
    return { from: start, to: end };
  }

  private isOrdinary(index: number): boolean {
    const isWord = this.tokens[index]?.kind === 'word' && ORDINARY_ROLES.has(this.roles[index] ?? 'other');
    return isWord && (this.probabilities[index] ?? 0) < MAX_PROBABILITY_OF_ORDINARY;
  }

  private isSure(from: number, to: number): boolean {
    const sure = this.probabilities.slice(from, to).filter((probability) => probability > SURE_PROBABILITY);
    return sure.length >= MIN_SURE_TOKENS;
  }
}

/** The runs of true values. */
function toRuns(isIn: readonly boolean[]): Span[] {
  const runs: Span[] = [];
  isIn.forEach((value, index) => {
    const last = runs.at(-1);
    if (!value) return;
    if (last?.to === index) last.to = index + 1;
    else runs.push({ from: index, to: index + 1 });
  });
  return runs;
}
