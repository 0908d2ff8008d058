import {
  ADDRESS_CUES,
  ADDRESS_ENDINGS,
  ADDRESS_ENDS,
  ADDRESS_LINKS,
  ADDRESS_STARTS,
  LANDMARKS,
  NOT_IN_ADDRESS,
  ORDINARY_ENDS,
  ORDINARY_STARTS,
  QUALIFIERS,
  VALUE_UNITS,
} from './address-cues.js';
import { getLexicon } from './lexicon/index.js';
import type { Span, Token } from './tokens.js';

/** The part that a token may have in an address. */
type Role = 'start' | 'end' | 'landmark' | 'number' | 'postcode' | 'place' | 'proper' | 'qualifier' | 'link' | 'other';

const JOINS_ADDRESS = /^[\s,،.\-–/#()'’:]{0,4}$/u;
const ENDS_SENTENCE = /[.؟?!]\s|\n\s*\n/u;
const HOUSE_NUMBER = /^(?:\d{1,6}\p{L}?|\d{1,3}(?:st|nd|rd|th)|[a-z]{1,2}\d{1,4}|[a-z])$/iu;
/** Street words of Arabic in Latin letters. */
const ROMANIZED_STREET = /\d|^(?:shari|midan|medan|haret)/u;
/** "5ش": 5, street. */
const NUMBER_AND_STREET = /^\d{1,4}ش$/u;
const POSTCODE_START = /^[A-Z]{1,2}\d{1,2}[A-Z]?$/iu;
const POSTCODE_END = /^\d[A-Z]{2}$/iu;
const NUMBER_PLACEHOLDER = /^\[(?:number|id)\]$/u;
/** "No. 4", "P.O. Box": the point after a short word ends no sentence. */
const MAX_ABBREVIATION_LETTERS = 4;
const MAX_ADDRESS_TOKENS = 8;
const MAX_CUE_DISTANCE = 3;
/** Ordinary words after "شارع" or before "मार्ग" that belong to the name of the street. */
const MAX_ORDINARY_WORDS = 2;
const WEIGHTS: Readonly<Record<Role, number>> = {
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

const isLatin = (text: string): boolean => /\p{Script=Latin}/u.test(text);

/** Finds addresses: runs of street words, numbers, names of places and words such as "near". */
export class AddressFinder {
  private readonly roles: Role[];

  constructor(private readonly tokens: readonly Token[]) {
    this.roles = tokens.map((_, index) => this.getRole(index));
    this.absorbOrdinaryWords();
    this.absorbUnknownWords();
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
    return spans;
  }

  private isJoined(index: number): boolean {
    const { before, startsSentence } = this.tokens[index] as Token;
    if (!JOINS_ADDRESS.test(before)) return false;
    const previous = this.tokens[index - 1]?.text ?? '';
    return !(ENDS_SENTENCE.test(before) && startsSentence && previous.length > MAX_ABBREVIATION_LETTERS);
  }

  private getRole(index: number): Role {
    const token = this.tokens[index] as Token;
    const { word, text } = token;
    if (token.kind === 'placeholder')
      return NUMBER_PLACEHOLDER.test(text) && /^[,،\s]/u.test(this.tokens[index + 1]?.before ?? '')
        ? 'number'
        : 'other';
    const next = this.tokens[index + 1];
    const previous = this.tokens[index - 1];
    if (POSTCODE_START.test(text) && POSTCODE_END.test(next?.text ?? '')) return 'postcode';
    if (POSTCODE_END.test(text) && POSTCODE_START.test(previous?.text ?? '')) return 'postcode';
    if (NUMBER_AND_STREET.test(text)) return 'start';
    if (token.kind === 'number') return this.isHouseNumber(index) ? 'number' : 'other';
    if (ADDRESS_STARTS.has(word)) return 'start';
    if (ADDRESS_ENDS.has(word) || this.isDrive(index)) return 'end';
    if (LANDMARKS.has(word)) return 'landmark';
    if (ADDRESS_LINKS.has(word)) return 'link';
    if (QUALIFIERS.has(word)) return 'qualifier';
    if (getLexicon().isPlace(word)) return 'place';
    if (/^[A-HJ-Z]$/u.test(text)) return 'number';
    return this.isProper(token) ? 'proper' : 'other';
  }

  /** "2210 Oak Hollow Dr, Plano": not the title of a doctor. */
  private isDrive(index: number): boolean {
    const { text, word } = this.tokens[index] as Token;
    const isLast = this.tokens[index + 1]?.startsClause !== false;
    const hasNumber = this.tokens.slice(Math.max(0, index - 4), index).some(({ kind }) => kind === 'number');
    return word === 'dr' && text !== 'dr' && isLast && hasNumber && this.tokens[index - 1]?.isCapitalized === true;
  }

  private isHouseNumber(index: number): boolean {
    const text = this.tokens[index]?.text ?? '';
    const next = this.tokens[index + 1];
    return HOUSE_NUMBER.test(text) && !(next && !next.startsClause && VALUE_UNITS.has(next.word));
  }

  private isProper(token: Token): boolean {
    // "When i walk": no name has one letter.
    if (token.word.length < 2) return false;
    const kind = getLexicon().classify(token.word);
    if (kind === 'name' || kind === 'unknown') return true;
    if (!isLatin(token.text)) return kind === 'both';
    return token.isCapitalized && !token.startsSentence && kind !== 'word'
      ? true
      : token.isCapitalized && !token.startsSentence;
  }

  /** "شارع الجمهورية", "मंदिर मार्ग": the name of a street may be an ordinary word. */
  private absorbOrdinaryWords(): void {
    this.tokens.forEach((token, index) => {
      const role = this.roles[index];
      if (role === 'start' && (!isLatin(token.text) || ROMANIZED_STREET.test(token.word)))
        this.absorb(index, 1, MAX_ORDINARY_WORDS);
      if (role === 'landmark' && /\p{Script=Arabic}/u.test(token.text)) this.absorb(index, 1, 1);
      const hasArticle = /^(?:al|el)$/u.test(this.tokens[index - 2]?.word ?? '');
      if (role === 'landmark' && hasArticle && this.roles[index - 1] === 'other') this.roles[index - 1] = 'proper';
      if ((role === 'end' || ADDRESS_ENDS.has(token.word)) && this.roles[index - 1] === 'other')
        this.absorb(index, -1, 1);
      if (role === 'start' && !isLatin(token.text) && this.isUnknown(index - 1)) this.roles[index - 1] = 'proper';
      if (role === 'start' && this.isIntroduced(index - 1)) this.roles[index - 1] = 'proper';
    });
  }

  /** "we stay behind lulu hypermarket": after words such as "stay", nearly every unknown word is part of the address. */
  private absorbUnknownWords(): void {
    this.tokens.forEach((token, index) => {
      const previous = this.roles[index - 1];
      if (!previous || previous === 'other' || token.startsSentence) return;
      const start = Math.max(0, index - MAX_ADDRESS_TOKENS);
      const hasCue = this.tokens.slice(start, index).some(({ word }) => ADDRESS_CUES.has(word));
      if (hasCue && this.isUnknown(index)) this.roles[index] = 'proper';
    });
  }

  /** "ساكن في الحد مجمع 110": an ordinary word after "lives in" and before a part of an address. */
  private isIntroduced(index: number): boolean {
    const hasCue =
      this.roles[index - 1] === 'link' && ADDRESS_CUES.has(this.tokens[index - 2]?.word.replace(/^و/u, '') ?? '');
    return hasCue && this.roles[index] === 'other';
  }

  private isUnknown(index: number): boolean {
    const token = this.tokens[index];
    return (
      token?.kind === 'word' &&
      this.roles[index] === 'other' &&
      !this.isStop(token) &&
      getLexicon().classify(token.word) === 'similar'
    );
  }

  private absorb(index: number, step: 1 | -1, count: number): void {
    for (let distance = 1; distance <= count; distance += 1) {
      const at = index + distance * step;
      const token = this.tokens[at];
      const isBroken = (step === 1 ? token : this.tokens[at + 1])?.startsClause;
      if (this.roles[at] === 'link' && step === 1) continue;
      if (!token || isBroken || this.roles[at] !== 'other' || token.kind !== 'word' || this.isStop(token)) return;
      // In Latin letters and Hindi, a word before "street" may be any word: it belongs to the name if a part of the address is before it.
      if (step === -1 && !['number', 'start', 'link'].includes(this.roles[at - 1] ?? '')) return;
      this.roles[at] = 'proper';
    }
  }

  private isStop({ word, text }: Token): boolean {
    return (
      NOT_IN_ADDRESS.has(word) ||
      NOT_IN_ADDRESS.has(word.replace(/^و/u, '')) ||
      /^و.{3}/u.test(text) ||
      ADDRESS_CUES.has(word)
    );
  }

  /** Words such as "near" and "in" at the ends belong to no address. */
  private trim({ from, to }: Span): Span {
    let start = from;
    let end = to;
    while (start < end && this.roles[start] === 'link') start += 1;
    while (end > start && (this.roles[end - 1] === 'link' || this.isLoneLetter(end - 1))) end -= 1;
    return { from: start, to: end };
  }

  private isLoneLetter(index: number): boolean {
    return /^\p{L}$/u.test(this.tokens[index]?.text ?? '') && this.tokens[index]?.before === ' ';
  }

  private isAddress({ from, to }: Span): boolean {
    const roles = this.roles.slice(from, to);
    const count = (...wanted: Role[]): number => roles.filter((role) => wanted.includes(role)).length;
    const weight = roles.reduce((sum, role) => sum + WEIGHTS[role], 0);
    const names = count('proper', 'place', 'number');
    if (count('postcode') > 1) return true;
    if (this.hasCue(from, to) && names > 0 && weight > 1 - Number(count('place') > 0)) return true;
    if (count('start', 'end') > 0 && names > 0) return weight >= MIN_WEIGHT && this.hasAddressForm(from, to);
    if (count('landmark') > 0 && count('proper', 'place') > 0)
      return this.roles[from - 1] === 'link' || weight > MIN_WEIGHT;
    return roles[0] === 'number' && count('place') > 0 && names > MIN_WEIGHT;
  }

  /** A street word with its name or its number beside it. "My house 3 times" has none. */
  private hasAddressForm(from: number, to: number): boolean {
    for (let index = from; index < to; index += 1) {
      const role = this.roles[index];
      const isBeside = (at: number): boolean =>
        at >= from && at < to && ['proper', 'place', 'number', 'postcode'].includes(this.roles[at] ?? '');
      const hasNumberWord = this.roles[index + 1] === 'link' && isBeside(index + 2);
      const isAlone =
        to - from === 2 && this.roles[index + 1] === 'number' && ORDINARY_STARTS.has(this.tokens[index]?.word ?? '');
      if (role === 'start' && (isBeside(index + 1) || hasNumberWord) && !isAlone) return true;
      const isOrdinary = ORDINARY_ENDS.has(this.tokens[index]?.word ?? '');
      if (role === 'end' && isBeside(index - 1) && !(isOrdinary && this.roles[index - 1] === 'number')) return true;
    }
    return false;
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
