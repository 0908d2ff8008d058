import { ADDRESS_CUES, NOT_IN_ADDRESS, POSITIONS, POSTPOSITIONS, VALUE_UNITS } from './address-cues.js';
import type { Role } from './address-roles.js';
import { isSentenceWord } from './address-stops.js';
import { getLexicon } from './lexicon/index.js';
import type { Span, Token } from './tokens.js';

const SOFT_BREAK = /[,،;\n()]|\s[-–—]\s/u;
const HARD_BREAK = /[.؟?!।:](?:\s|$)|\n\s*\n/u;
/** "St. Jude": the point after a short word ends nothing. */
const MAX_ABBREVIATION_LETTERS = 3;
const MAX_SEGMENT_TOKENS = 7;
const MAX_SEGMENT_WORDS = 2;
const MAX_WORDS_BESIDE = 2;
const MAX_WORDS_BEFORE = 3;
/** A number of more digits is a postcode and no dose. */
const MAX_DOSE_DIGITS = 4;
const CORE_ROLES: ReadonlySet<Role> = new Set(['start', 'end', 'landmark', 'postcode', 'place']);

type Step = 1 | -1;

/** Extends an address to the words beside it and to the neighbouring parts between commas. */
export class AddressExtension {
  constructor(
    private readonly tokens: readonly Token[],
    private readonly roles: readonly Role[],
  ) {}

  extend({ from, to }: Span): Span {
    return { from: this.extendLeft(from), to: this.extendRight(to) };
  }

  private extendRight(end: number): number {
    let to = this.takeRun(end, 1);
    for (;;) {
      const next = this.skipLinks(to);
      if (next >= this.tokens.length || this.getBreak(next) !== 'soft') return this.completeRight(to);
      const segmentEnd = this.getSegmentEnd(next);
      if (this.isAddressSegment(next, segmentEnd) || this.isBetween(next, segmentEnd)) {
        to = segmentEnd;
        continue;
      }
      const runEnd = this.takeRun(next, 1, true);
      return this.hasElement(next, runEnd) ? runEnd : to;
    }
  }

  /** "चितली क़बर,": unknown words between the address and the end of its part. */
  private completeRight(to: number): number {
    if (to >= this.tokens.length || this.getBreak(to) !== 'none') return to;
    const end = this.getSegmentEnd(to);
    const isUnknown = (index: number): boolean => this.isFreeWord(index) && this.isUncommon(index);
    const isRest =
      end - to <= MAX_SEGMENT_WORDS && this.tokens.slice(to, end).every((_, offset) => isUnknown(to + offset));
    return isRest ? end : to;
  }

  private skipLinks(index: number): number {
    let next = index;
    while (this.roles[next] === 'link' && this.getBreak(next) === 'none') next += 1;
    return next;
  }

  private extendLeft(start: number): number {
    let from = this.completeLeft(this.goToCue(this.takeRun(start - 1, -1) + 1));
    while (from > 0 && this.getBreak(from) === 'soft') {
      const segmentStart = this.getSegmentStart(from - 1);
      if (this.isAddressSegment(segmentStart, from)) {
        from = segmentStart;
        continue;
      }
      const runStart = this.takeRun(from - 1, -1, true) + 1;
      return this.hasElement(runStart, from, CORE_ROLES) ? this.completeLeft(runStart) : from;
    }
    return from;
  }

  /** "أسكن في جبل عمان": ordinary words between "live in" and the address. */
  private goToCue(start: number): number {
    let at = start;
    while (start - at < MAX_WORDS_BESIDE && this.isFreeWord(at - 1) && this.getBreak(at) === 'none') at -= 1;
    const link = this.roles[at - 1] === 'link' ? 1 : 0;
    const isAfterCue = ADDRESS_CUES.has(this.tokens[at - 1 - link]?.word ?? '') && this.getBreak(at) === 'none';
    return isAfterCue ? at : start;
  }

  /** "ميت" of "ميت غمر", "above bata" of "above bata showroom": the words between a comma and the address, and an article. */
  private completeLeft(from: number): number {
    if (from === 0 || this.getBreak(from) !== 'none') return from;
    const start = this.getSegmentStart(from - 1);
    const isWhole = start === 0 || this.getBreak(start) !== 'none';
    const isFree = this.tokens
      .slice(start, from)
      .every((_, offset) => this.isFreeWord(start + offset) || this.isPart(start + offset));
    const isName = this.roles[from] === 'place' || this.roles[from] === 'proper';
    const isLoneName = from - start === 1 && isName && this.isUncommon(start);
    const isShort = isLoneName || (from - start <= MAX_WORDS_BEFORE && POSITIONS.has(this.tokens[start]?.word ?? ''));
    if (isWhole && isFree && isShort) return start;
    return /^(?:al|el)$/u.test(this.tokens[from - 1]?.word ?? '') ? from - 1 : from;
  }

  /** What separates a token from the one before. */
  private getBreak(index: number): 'none' | 'soft' | 'hard' {
    const before = this.tokens[index]?.before ?? '';
    const previous = this.tokens[index - 1];
    const isAbbreviated = before.startsWith('.') && (previous?.text.length ?? 0) <= MAX_ABBREVIATION_LETTERS;
    if (HARD_BREAK.test(before) && !isAbbreviated) return 'hard';
    return SOFT_BREAK.test(before) ? 'soft' : 'none';
  }

  private getSegmentEnd(index: number): number {
    let end = index + 1;
    while (end < this.tokens.length && end - index <= MAX_SEGMENT_TOKENS && this.getBreak(end) === 'none') end += 1;
    return end;
  }

  private getSegmentStart(index: number): number {
    let start = index;
    while (start > 0 && index - start < MAX_SEGMENT_TOKENS && this.getBreak(start) === 'none') start -= 1;
    return start;
  }

  /**
   * Moves over the parts of an address within a segment.
   * @returns the first index that is no part
   */
  private takeRun(index: number, step: Step, startsSegment = false): number {
    let at = index;
    while (this.isInSegment(at, step, startsSegment && at === index)) {
      if (this.isPart(at)) at += step;
      else {
        const next = this.skipWords(at, step);
        if (next === at) return this.backOverLinks(at, step, index);
        at = next;
      }
    }
    return this.backOverLinks(at, step, index);
  }

  private isInSegment(at: number, step: Step, isFirst: boolean): boolean {
    if (at < 0 || at >= this.tokens.length) return false;
    return isFirst || this.getBreak(step === 1 ? at : at + 1) === 'none';
  }

  /** Words such as "in" at the end of the run belong to no address. */
  private backOverLinks(at: number, step: Step, first: number): number {
    let end = at;
    while (end !== first && this.roles[end - step] === 'link') {
      if (step === 1 && POSTPOSITIONS.has(this.tokens[end - 1]?.word ?? '')) return end;
      end -= step;
    }
    return end;
  }

  /** "behind the shell station", "रेलवे क्रॉसिंग के पास": ordinary words beside a preposition. */
  private skipWords(at: number, step: Step): number {
    if (step === 1 && this.isFreeWord(at) && this.roles[at + 1] === 'end' && this.getBreak(at + 1) === 'none')
      return at + 1;
    if (this.roles[at - step] !== 'link' && this.roles[at - step] !== 'qualifier') return at;
    let end = at;
    for (let count = 0; count < MAX_WORDS_BESIDE && this.isFreeWord(end); count += 1) {
      if (!this.isInSegment(end, step, count === 0)) break;
      end += step;
    }
    if (step === -1) return end;
    const follows = this.isInSegment(end, step, false) && this.isPart(end) && this.roles[end] !== 'link';
    return follows || !this.isInSegment(end, step, false) ? end : at;
  }

  private isPart(index: number): boolean {
    const role = this.roles[index];
    if (role === undefined || role === 'other') return false;
    const token = this.tokens[index] as Token;
    return !(role !== 'number' && role !== 'link' && isSentenceWord(token.word)) && !this.isMedicine(index);
  }

  /** "zyrtecx 10": an unknown word with its dose. */
  private isMedicine(index: number): boolean {
    const next = this.tokens[index + 1];
    return (
      this.roles[index] === 'proper' &&
      next?.kind === 'number' &&
      next.before === ' ' &&
      next.text.length <= MAX_DOSE_DIGITS
    );
  }

  private isFreeWord(index: number): boolean {
    const token = this.tokens[index];
    return (
      token?.kind === 'word' &&
      this.roles[index] === 'other' &&
      !isSentenceWord(token.word) &&
      !NOT_IN_ADDRESS.has(token.word) &&
      !ADDRESS_CUES.has(token.word) &&
      !VALUE_UNITS.has(token.word)
    );
  }

  private isUncommon(index: number): boolean {
    const { text, word } = this.tokens[index] as Token;
    return /\p{Script=Arabic}/u.test(text) || getLexicon().classify(word) !== 'word';
  }

  private hasElement(from: number, to: number, wanted?: ReadonlySet<Role>): boolean {
    return this.roles
      .slice(from, to)
      .some((role, offset) => (wanted?.has(role) ?? CORE_ROLES.has(role)) || (!wanted && this.isName(from + offset)));
  }

  private isName(index: number): boolean {
    return this.roles[index] === 'proper' && !this.isMedicine(index);
  }

  /** "flat 4, sea view, maadi": ordinary words between two parts of an address. */
  private isBetween(from: number, to: number): boolean {
    if (to - from > MAX_SEGMENT_WORDS || to >= this.tokens.length || this.getBreak(to) !== 'soft') return false;
    const isFree = this.tokens.slice(from, to).every((_, offset) => this.isFreeWord(from + offset));
    return isFree && this.isAddressSegment(to, this.getSegmentEnd(to));
  }

  /** Whether the part between two commas belongs to the address beside it. */
  private isAddressSegment(from: number, to: number): boolean {
    if (to - from > MAX_SEGMENT_TOKENS) return false;
    let words = 0;
    for (let index = from; index < to; index += 1) {
      if (this.isFreeWord(index)) words += 1;
      else if (!this.isPart(index)) return false;
    }
    const isUnknown = to - from === 1 && getLexicon().classify(this.tokens[from]?.word ?? '') === 'similar';
    const isNumber = to - from <= 2 && this.roles.slice(from, to).every((role) => role === 'number');
    const qualifiers = this.roles.slice(from, to).filter((role) => role === 'qualifier').length;
    const isElement =
      isNumber || isUnknown || qualifiers > 1 || this.hasElement(from, to) || this.isBesidePosition(from, to);
    return words <= MAX_SEGMENT_WORDS && isElement;
  }

  /** "above bata showroom", "odam el shefa", "बड़े पीपल के पीछे": whatever is beside these words is a landmark. */
  private isBesidePosition(from: number, to: number): boolean {
    const segment = this.tokens.slice(from, to);
    return (
      segment.length > 1 && (POSITIONS.has(segment[0]?.word ?? '') || POSTPOSITIONS.has(segment.at(-1)?.word ?? ''))
    );
  }
}
