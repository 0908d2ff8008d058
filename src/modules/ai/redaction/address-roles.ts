import {
  ADDRESS_CUES,
  ADDRESS_ENDS,
  ADDRESS_LINKS,
  ADDRESS_STARTS,
  LANDMARKS,
  NOT_IN_ADDRESS,
  QUALIFIERS,
  VALUE_UNITS,
} from './address-cues.js';
import { isSentenceWord } from './address-stops.js';
import { getLexicon } from './lexicon/index.js';
import { SPELLED_LETTERS } from './spelled-letters.js';
import type { Token } from './tokens.js';

/** The part that a token may have in an address. */
export type Role =
  | 'start'
  | 'end'
  | 'landmark'
  | 'number'
  | 'postcode'
  | 'place'
  | 'proper'
  | 'qualifier'
  | 'link'
  | 'other';

const HOUSE_NUMBER = /^(?:\d{1,6}\p{L}?|\d{1,3}[a-z]\d{1,2}|\d{1,3}(?:st|nd|rd|th)|[a-z]{1,2}\d{1,4}|[a-z])$/iu;
/** Street words of Arabic in Latin letters. */
const ROMANIZED_STREET =
  /\d|^(?:shari|sharea|midan|medan|haret|burj|qaryat|gall?i$|mohalla|tola|chak|gram|pind|kothi)/u;
/** "5ش": 5, street; "ط2": second floor. */
const NUMBER_AND_STREET = /^(?:\d{1,4}[شقمط]|[شقمطد]\d{1,4})$/u;
/** Street, block, house, floor: one letter before a number. */
const STREET_LETTER = /^[شقمطد]$/u;
/** "सेक्टर 22-सी". */
const SPELLED_LETTER = new RegExp(`^(?:${SPELLED_LETTERS}|[أابجده])$`, 'u');
const SPELLED_DIGIT =
  /^(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)$/u;
/** "القطعة 4": words that also mean other things, before a number. */
const NUMBERED_PREFIX = /^[وفب]?ال(?=قطع|منزل|فيلا|مجمع|مبن|برج|بلوك|شارع)/u;
/** "In", "and" and "to" are written together with the next word. */
const ARABIC_PREFIX = /^(?:[وفبل](?=.{3})|[وفب]?ال(?=عمار|شق[هة]|طابق|دور|بناي|غرف))/u;
const ORDINAL = /^\d{1,3}(?:st|nd|rd|th)$/iu;
const POSTCODE_START = /^[A-Z]{1,2}\d{1,2}[A-Z]?$/iu;
const POSTCODE_END = /^(?:\d[A-Z]{2}|\d[A-Z]\d)$/iu;
const NUMBER_PLACEHOLDER = /^\[(?:number|id)\]$/u;
const MAX_ADDRESS_TOKENS = 8;
/** Ordinary words after "شارع" or before "मार्ग" that belong to the name of the street. */
const MAX_ORDINARY_WORDS = 2;

const isStreetWord = (word: string): boolean => ADDRESS_STARTS.has(word) || ADDRESS_ENDS.has(word);
const isLatin = (text: string): boolean => /\p{Script=Latin}/u.test(text);
/** "खसरा" is a plot of land and the measles: a plot has a number. */
const NUMBERED_STARTS: ReadonlySet<string> = new Set(['खसरा', 'khasra']);

/** Gives each token its part in an address. */
export class AddressRoles {
  readonly roles: Role[];

  constructor(private readonly tokens: readonly Token[]) {
    this.roles = tokens.map((_, index) => this.getRole(index));
    this.absorbOrdinaryWords();
    this.absorbUnknownWords();
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
    if (token.kind === 'number' || ORDINAL.test(text)) return this.isHouseNumber(index) ? 'number' : 'other';
    if (STREET_LETTER.test(text) && next?.kind === 'number') return 'start';
    if (this.isSpelledLetter(index) || this.isSpelledNumber(index)) return 'number';
    if (NUMBERED_STARTS.has(word) && !this.hasNumberAfter(index)) return 'other';
    if (ADDRESS_STARTS.has(word) || ADDRESS_STARTS.has(word.replace(ARABIC_PREFIX, ''))) return 'start';
    if (next?.kind === 'number' && ADDRESS_STARTS.has(word.replace(NUMBERED_PREFIX, ''))) return 'start';
    if (ADDRESS_ENDS.has(word) || this.isDrive(index)) return 'end';
    if (LANDMARKS.has(word)) return 'landmark';
    if (ADDRESS_LINKS.has(word)) return 'link';
    if (QUALIFIERS.has(word)) return 'qualifier';
    if (getLexicon().isPlace(word)) return 'place';
    if (/^[A-HJ-Z]$/u.test(text)) return 'number';
    return this.isProper(token) ? 'proper' : 'other';
  }

  private hasNumberAfter(index: number): boolean {
    const next = this.tokens[index + 1];
    return (
      next?.kind === 'number' || (ADDRESS_LINKS.has(next?.word ?? '') && this.tokens[index + 2]?.kind === 'number')
    );
  }

  /** "2210 Oak Hollow Dr, Plano": not the title of a doctor. */
  private isDrive(index: number): boolean {
    const { text, word } = this.tokens[index] as Token;
    const isLast = this.tokens[index + 1]?.startsClause !== false;
    const hasNumber = this.tokens.slice(Math.max(0, index - 4), index).some(({ kind }) => kind === 'number');
    return word === 'dr' && text !== 'dr' && isLast && hasNumber && this.tokens[index - 1]?.isCapitalized === true;
  }

  private isSpelledLetter(index: number): boolean {
    const previous = this.tokens[index - 1];
    if (!previous || !SPELLED_LETTER.test(this.tokens[index]?.text ?? '')) return false;
    const isJoined = previous.kind === 'number' && /^[-/]$/u.test(this.tokens[index]?.before ?? '');
    return isJoined || (this.tokens[index]?.before === ' ' && isStreetWord(previous.word));
  }

  /** "four two seven maple avenue apartment six". */
  private isSpelledNumber(index: number): boolean {
    const isDigit = (at: number): boolean => SPELLED_DIGIT.test(this.tokens[at]?.word ?? '');
    if (!isDigit(index) || VALUE_UNITS.has(this.tokens[index + 1]?.word ?? '')) return false;
    return isDigit(index - 1) || isDigit(index + 1) || isStreetWord(this.tokens[index - 1]?.word ?? '');
  }

  private isHouseNumber(index: number): boolean {
    const text = this.tokens[index]?.text ?? '';
    const next = this.tokens[index + 1];
    if (this.isBloodPressure(index)) return false;
    // "38.9" is a value.
    if (next?.kind === 'number' && next.before === '.') return false;
    if (this.tokens[index - 1]?.kind === 'number' && this.tokens[index]?.before === '.') return false;
    return HOUSE_NUMBER.test(text) && !(next && !next.startsClause && VALUE_UNITS.has(next.word));
  }

  /** "ضغطها 180/110": two numbers that no street word precedes. */
  private isBloodPressure(index: number): boolean {
    const isSecond = this.tokens[index]?.before === '/';
    const first = isSecond ? index - 1 : index;
    if (this.tokens[first + 1]?.before !== '/') return false;
    const [high, low] = [Number(this.tokens[first]?.text), Number(this.tokens[first + 1]?.text)];
    const isMeasured = high >= 70 && high <= 280 && low >= 30 && low <= 160 && low < high;
    return isMeasured && isSentenceWord(this.tokens[first - 1]?.word ?? '');
  }

  private isProper(token: Token): boolean {
    // "When i walk": no name has one letter.
    if (token.word.length < 2) return false;
    const kind = getLexicon().classify(token.word);
    if (kind === 'name' || kind === 'unknown') return true;
    if (!isLatin(token.text)) return kind === 'both';
    return token.isCapitalized && !token.startsSentence;
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
      if (role === 'end' && this.startsWithName(index)) this.roles[index - 1] = 'proper';
      if ((role === 'end' || ADDRESS_ENDS.has(token.word)) && this.roles[index - 1] === 'other')
        this.absorb(index, -1, 1);
      if (role === 'start' && !isLatin(token.text) && this.isUnknown(index - 1)) this.roles[index - 1] = 'proper';
      if (role === 'start' && this.isIntroduced(index - 1)) this.roles[index - 1] = 'proper';
    });
  }

  /** "Orchard End, 5 Vicarage Road", "Tibetan Colony, block 9": a capitalized word at the start of a part. */
  private startsWithName(index: number): boolean {
    const name = this.tokens[index - 1];
    const isWhole = name?.startsClause === true && this.tokens[index + 1]?.startsClause === true;
    return (
      isWhole && name.isCapitalized && this.tokens[index]?.isCapitalized === true && this.roles[index - 1] === 'other'
    );
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
      if (step === 1 && ['link', 'proper', 'place'].includes(this.roles[at] ?? '')) continue;
      if (!token || isBroken || this.roles[at] !== 'other' || token.kind !== 'word') return;
      if (this.isStop(token) && !this.isSecondNoun(at)) return;
      // In Latin letters and Hindi, a word before "street" may be any word: it belongs to the name if a part of the address is before it.
      if (step === -1 && !['number', 'start', 'link'].includes(this.roles[at - 1] ?? '')) return;
      this.roles[at] = 'proper';
    }
  }

  /** "حارة السكر والليمون،": the second noun of a name, which ends the clause. */
  private isSecondNoun(at: number): boolean {
    return /^وال/u.test(this.tokens[at]?.text ?? '') && this.tokens[at + 1]?.startsClause !== false;
  }

  private isStop({ word, text }: Token): boolean {
    return (
      NOT_IN_ADDRESS.has(word) ||
      NOT_IN_ADDRESS.has(word.replace(/^و/u, '')) ||
      /^و.{3}/u.test(text) ||
      ADDRESS_CUES.has(word)
    );
  }
}
