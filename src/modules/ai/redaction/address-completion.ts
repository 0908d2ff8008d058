import { ADDRESS_CUES, POSTPOSITIONS, VALUE_UNITS } from './address-cues.js';
import type { Role } from './address-roles.js';
import { isSentenceWord } from './address-stops.js';
import type { Span, Token } from './tokens.js';

const MAX_WORDS_AFTER_NUMBER = 2;
const JOINED = /^[-/]$/u;
const BLANK = /^\s?$/u;
const BORDER = /[,،;.؟?!।:\n()]/u;

/** Completes an address that was found at both ends: the last step. */
export class AddressCompletion {
  constructor(
    private readonly tokens: readonly Token[],
    private readonly roles: readonly Role[],
  ) {}

  complete({ from, to }: Span): Span {
    return { from: this.joinLeft(this.goToNumber(from)), to: this.joinRight(this.takeLastWord(to)) };
  }

  /** "बी-9": what a hyphen or a slash joins to the address. */
  private joinLeft(from: number): number {
    return from > 0 && JOINED.test(this.tokens[from]?.before ?? '') && this.isTextual(from - 1) ? from - 1 : from;
  }

  private joinRight(to: number): number {
    return JOINED.test(this.tokens[to]?.before ?? '') && this.isTextual(to) ? to + 1 : to;
  }

  /** "b-404 sai | darshan society": a house number and at most two words before the address. */
  private goToNumber(from: number): number {
    for (let distance = 1; distance <= MAX_WORDS_AFTER_NUMBER + 1; distance += 1) {
      const at = from - distance;
      if (at < 0 || !BLANK.test(this.tokens[at + 1]?.before ?? '')) return from;
      if (distance > 1 && this.roles[at] === 'number') return at;
      if (!this.isFree(at)) return from;
    }
    return from;
  }

  /** "near the primary | school", "circuit house ke | samne": the last word of a part. */
  private takeLastWord(to: number): number {
    const token = this.tokens[to];
    if (!token || !BLANK.test(token.before) || this.roles[to - 1] === 'postcode') return to;
    if (POSTPOSITIONS.has(token.word)) return to + 1;
    const next = this.tokens[to + 1];
    const isLast = next === undefined || BORDER.test(next.before);
    return isLast && this.roles[to] !== 'link' && this.isFree(to) ? to + 1 : to;
  }

  private isTextual(index: number): boolean {
    return this.tokens[index]?.kind !== 'placeholder';
  }

  private isFree(index: number): boolean {
    const token = this.tokens[index];
    if (token?.kind !== 'word') return false;
    return !isSentenceWord(token.word) && !VALUE_UNITS.has(token.word) && !ADDRESS_CUES.has(token.word);
  }
}
