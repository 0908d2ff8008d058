import type { LinearModel } from '../classifier/linear-model.js';
import { AddressCompletion } from './address-completion.js';
import { ADDRESS_CUES, ADDRESS_ENDINGS, ADDRESS_ENDS, ORDINARY_ENDS, ORDINARY_STARTS } from './address-cues.js';
import { AddressRoles, type Role } from './address-roles.js';
import { AddressExtension } from './address-extension.js';
import { TaggedAddresses } from './tagger/tagged-addresses.js';
import type { Span, Token } from './tokens.js';

const JOINS_ADDRESS = /^[\s,،.\-–/#()'’:]{0,4}$/u;
const ENDS_SENTENCE = /[.؟?!]\s|\n\s*\n/u;
/** "No. 4", "P.O. Box": the point after a short word ends no sentence. */
const MAX_ABBREVIATION_LETTERS = 4;
const MAX_CUE_DISTANCE = 3;
/** How much each part counts towards an address. */
const ROLE_WEIGHTS: Readonly<Record<Role, number>> = {
  start: 1,
  end: 1,
  landmark: 1,
  number: 1,
  postcode: 3,
  place: 1,
  proper: 1,
  qualifier: 0,
  link: 0,
  other: 0,
};
const MIN_WEIGHT = 2;
/** A number and the names of places are an address from this many on, even without a street word. */
const MIN_NAMES = 3;

/** Finds addresses: runs of street words, numbers, names of places and words such as "near". */
export class AddressFinder {
  private readonly roles: readonly Role[];

  constructor(
    private readonly tokens: readonly Token[],
    private readonly weights?: LinearModel,
  ) {
    this.roles = new AddressRoles(tokens).roles;
  }

  /** @returns sorted spans */
  find(): Span[] {
    const spans: Span[] = [];
    for (let from = 0; from < this.tokens.length; from += 1) {
      if (this.roles[from] === 'other') continue;
      let to = from + 1;
      while (to < this.tokens.length && this.roles[to] !== 'other' && this.isJoined(to)) to += 1;
      const span = this.trim({ from, to });
      if (this.isAddress(span)) spans.push(span);
      from = to - 1;
    }
    const extension = new AddressExtension(this.tokens, this.roles);
    const extended = mergeSpans(spans.map((span) => extension.extend(span)));
    const tagged = new TaggedAddresses(this.tokens, this.roles, extended, this.weights).find();
    const completion = new AddressCompletion(this.tokens, this.roles);
    return mergeSpans(tagged.map((span) => completion.complete(span)));
  }

  private isJoined(index: number): boolean {
    const { before, startsSentence } = this.tokens[index] as Token;
    if (!JOINS_ADDRESS.test(before)) return false;
    const previous = this.tokens[index - 1]?.text ?? '';
    return !(ENDS_SENTENCE.test(before) && startsSentence && previous.length > MAX_ABBREVIATION_LETTERS);
  }

  /** Words such as "near" and "in" at the ends belong to no address. */
  private trim({ from, to }: Span): Span {
    let start = from;
    let end = to;
    while (start < end && this.roles[start] === 'link') start += 1;
    start = this.skipValue(start, end);
    while (end > start && (this.roles[end - 1] === 'link' || this.isLoneLetter(end - 1))) end -= 1;
    return { from: start, to: end };
  }

  /** "temp 103, gali 4": a number after an ordinary word and before a comma is a value. */
  private skipValue(start: number, end: number): number {
    const previous = this.tokens[start - 1];
    const isAfterWord = this.roles[start - 1] === 'other' && !ADDRESS_CUES.has(previous?.word ?? '');
    if (!isAfterWord || this.tokens[start]?.startsClause !== false) return start;
    let next = start;
    while (next < end && /^\d+$/u.test(this.tokens[next]?.text ?? '')) {
      next += 1;
      if (next < end && this.tokens[next]?.startsClause) return next;
    }
    return next === end ? end : start;
  }

  private isLoneLetter(index: number): boolean {
    return /^\p{L}$/u.test(this.tokens[index]?.text ?? '') && this.tokens[index]?.before === ' ';
  }

  private isAddress({ from, to }: Span): boolean {
    const roles = this.roles.slice(from, to);
    const count = (...wanted: Role[]): number => roles.filter((role) => wanted.includes(role)).length;
    const weight = roles.reduce((sum, role) => sum + ROLE_WEIGHTS[role], 0);
    const names = count('proper', 'place', 'number');
    if (count('postcode') > 1) return true;
    if (this.hasCue(from, to) && names > 0 && weight > 1 - Number(count('place') > 0)) return true;
    if (count('start', 'end') > 0 && names > 0) return weight >= MIN_WEIGHT && this.hasAddressForm(from, to);
    if (count('landmark') > 0 && count('proper', 'place') > 0)
      return this.roles[from - 1] === 'link' || weight > MIN_WEIGHT;
    return roles[0] === 'number' && count('place') > 0 && names >= MIN_NAMES;
  }

  /** A street word with its name or its number beside it. "My house 3 times" has none. */
  private hasAddressForm(from: number, to: number): boolean {
    for (let index = from; index < to; index += 1) {
      const role = this.roles[index];
      if (role === 'start' && index > from && this.isNamedHouse(index)) return true;
      const isBeside = (at: number): boolean =>
        at >= from && at < to && ['proper', 'place', 'number', 'postcode'].includes(this.roles[at] ?? '');
      const hasNumberWord = this.roles[index + 1] === 'link' && isBeside(index + 2);
      const isAlone =
        to - from === 2 && this.roles[index + 1] === 'number' && ORDINARY_STARTS.has(this.tokens[index]?.word ?? '');
      if (role === 'start' && (isBeside(index + 1) || hasNumberWord) && !isAlone) return true;
      // "Number 9 the crescent".
      if (role === 'end' && this.tokens[index - 1]?.word === 'the' && this.roles[index - 2] === 'number') return true;
      const isOrdinary = ORDINARY_ENDS.has(this.tokens[index]?.word ?? '');
      if (role === 'end' && isBeside(index - 1) && !(isOrdinary && this.roles[index - 1] === 'number')) return true;
    }
    return false;
  }

  /** "Ballymore House". */
  private isNamedHouse(index: number): boolean {
    const previous = this.roles[index - 1];
    const isCapitalized = this.tokens[index]?.isCapitalized === true;
    return (
      isCapitalized &&
      ADDRESS_ENDS.has(this.tokens[index]?.word ?? '') &&
      (previous === 'proper' || previous === 'place')
    );
  }

  private hasCue(from: number, to: number): boolean {
    for (let index = from - 1; index >= Math.max(0, from - MAX_CUE_DISTANCE); index -= 1) {
      if (ADDRESS_CUES.has(this.tokens[index]?.word ?? '')) return true;
      if (this.tokens[index + 1]?.startsSentence) break;
    }
    return this.tokens
      .slice(to, to + MAX_CUE_DISTANCE - 1)
      .some(({ word, startsClause }) => !startsClause && ADDRESS_ENDINGS.has(word) && word.length > 3);
  }
}

/** Joins spans that overlap or touch. */
function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const { from, to } of spans) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}
