import type { Lexicon, Rule } from './rule.js';

/** A condition that a rule found: from, to. */
export type Span = readonly [start: number, end: number];

/** No longer stretch of text is looked at for a negation. */
const NEGATION_CHARACTERS = 160;
/** Characters between a condition and a time in the past that governs it, at most. */
const MAX_DISTANCE = 80;
/** A time in the past that begins a statement has at most so many words before it. */
const WORDS_BEFORE_START = 5;
const WORDS_OF_A_TIME = 2;

const holds = (pattern: RegExp, text: string): boolean => text.search(pattern) >= 0;
const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '' && word !== '|');

interface Statement {
  from: number;
  /** Times in the past. */
  times: readonly Span[];
  /** It asks about a condition in general. */
  isAskedFor: boolean;
  /** It, or what follows it, says that what was in the past is there again. */
  isNow: boolean;
}

/**
 * What of a text clears a condition in it. A negation, a time in the past and a question clear only the condition that
 * they govern, in its statement; whatever else is told in the message stays.
 */
export class Scope {
  /** Where statements begin, in order. */
  private readonly borders: number[];
  private readonly statements = new Map<string, Statement>();

  constructor(
    private readonly text: string,
    private readonly lexicon: Lexicon,
    /** All conditions in the text, whatever clears them. */
    private readonly spans: readonly Span[],
  ) {
    const bars = [...text.matchAll(/\|/g)].map(({ index }) => index + 1);
    const statements = [...text.matchAll(lexicon.newStatement)].map(({ index }) => index);
    this.borders = [0, ...bars, ...statements].sort((a, b) => a - b);
  }

  clears({ kind }: Rule, [start, end]: Span): boolean {
    if (kind !== 'SURE' && this.isNegated(start, end)) return true;
    const statement = this.statementAround(start, end);
    if (kind === 'NAME' && statement.isAskedFor) return true;
    return this.isPast([start, end], statement);
  }

  private statementAround(start: number, end: number): Statement {
    // The blank that a pattern may begin with belongs to what stands before it.
    const from = this.borders.filter((border) => border <= start).at(-1) ?? 0;
    const next = this.borders.find((border) => border >= end && border > from);
    const to = this.withoutBar(next ?? this.text.length);
    const key = `${from} ${to}`;
    const known = this.statements.get(key) ?? this.statement(from, to);
    this.statements.set(key, known);
    return known;
  }

  private statement(from: number, to: number): Statement {
    const { lexicon, text } = this;
    const words = text.slice(from, to).trim();
    const offset = text.indexOf(words, from) - 1;
    const statement = ` ${words} `;
    const times = [...statement.matchAll(lexicon.longPast)].map(({ index, 0: time }): Span => {
      return [offset + index, offset + index + time.length];
    });
    return {
      from,
      times,
      isAskedFor:
        holds(lexicon.asking, statement) &&
        !holds(lexicon.reporting, ` ${text.slice(from, this.endOfNext(to)).trim()} `),
      isNow: times.length > 0 && (holds(lexicon.now, statement) || this.isBack(to)),
    };
  }

  private withoutBar(end: number): number {
    return this.text[end - 1] === '|' ? end - 1 : end;
  }

  private isNegated(start: number, end: number): boolean {
    const { negatedBefore, negatedAfter, negationUndone, listed, or } = this.lexicon;
    const after = this.clauseAfter(end);
    if (negationUndone?.test(after)) return false;
    if (negatedAfter?.test(`${after.trimEnd()} `)) return true;
    if (!negatedBefore) return false;
    if (negatedBefore.test(this.clauseBefore(start))) return true;
    // A list inside of the condition: "no pain in the chest or arm".
    const list = [...this.text.slice(start, end).matchAll(listed)].at(-1);
    return list !== undefined && negatedBefore.test(`${this.clauseBefore(start + list.index)}${or} `);
  }

  private clauseBefore(end: number): string {
    const bar = this.text.lastIndexOf('|', end) + 1;
    return `${this.text.slice(Math.max(bar, end - NEGATION_CHARACTERS), end)} `.replace(/ +$/, ' ');
  }

  private clauseAfter(end: number): string {
    const bar = this.text.indexOf('|', end);
    return this.text.slice(end, Math.min(bar < 0 ? this.text.length : bar, end + NEGATION_CHARACTERS));
  }

  private isPast(span: Span, { from, times, isNow }: Statement): boolean {
    if (times.length === 0 || isNow || this.isPresent(span)) return false;
    const [start, end] = span;
    return times
      .filter(([begins, ends]) => begins - end < MAX_DISTANCE && start - ends < MAX_DISTANCE)
      .some((time) => this.governs(time, span, from));
  }

  /** The condition is told with a verb of the present. */
  private isPresent([start, end]: Span): boolean {
    const after = wordsOf(this.text.slice(end, end + 30)).slice(0, 2);
    return holds(this.lexicon.present, ` ${wordsOf(this.text.slice(start, end)).join(' ')} ${after.join(' ')} `);
  }

  /** "It is back", or nothing but "and today". */
  private isBack(to: number): boolean {
    const next = ` ${this.text.slice(to, this.endOfNext(to)).replaceAll('|', ' ').trim()} `;
    if (holds(this.lexicon.returned, next)) return true;
    const words = wordsOf(next);
    return words.length > 0 && words.length <= WORDS_OF_A_TIME && holds(this.lexicon.now, next);
  }

  /** A time governs what stands before it, or, where it begins the statement, the first that is told after it. */
  private governs([timeStart, timeEnd]: Span, [start, end]: Span, from: number): boolean {
    if (start <= timeStart) return !this.hasNewSubject(end, timeStart);
    if (this.isPastOf([timeStart, timeEnd], start)) return true;
    if (wordsOf(this.text.slice(from, timeStart)).length > WORDS_BEFORE_START) return false;
    if (this.spans.some(([other, until]) => other >= from - 1 && until <= timeStart + 1)) return false;
    return this.subjectsIn(timeEnd - 1, start + 1) <= 1;
  }

  private isPastOf([timeStart, timeEnd]: Span, start: number): boolean {
    const { pastOf } = this.lexicon;
    if (!pastOf) return false;
    const words = wordsOf(this.text.slice(timeEnd - 1, Math.max(start, timeEnd - 1)));
    return holds(pastOf, this.text.slice(timeStart, timeEnd)) && words.length <= WORDS_OF_A_TIME;
  }

  private hasNewSubject(from: number, to: number): boolean {
    return this.subjectsIn(from, to) > 0;
  }

  private subjectsIn(from: number, to: number): number {
    const { subject } = this.lexicon;
    return subject ? [...` ${this.text.slice(from, to)} `.matchAll(subject)].length : 0;
  }

  private endOfNext(to: number): number {
    const begins = this.text[to] === '|' ? to + 1 : to;
    const next = this.borders.find((border) => border > begins + 1);
    return this.withoutBar(next ?? this.text.length);
  }
}
