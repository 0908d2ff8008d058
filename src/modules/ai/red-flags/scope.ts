import type { LanguageRules, Rule } from './rule.js';

/**
 * A range of characters in a normalized text, with its start and without its end. The span of a match or of a past time may
 * include the space before its first word and the space after its last one: `- 1` and `+ 1` below allow for these spaces.
 */
export type Span = readonly [start: number, end: number];

/** Characters around a match in which a negation is searched. */
const MAX_NEGATION_CHARACTERS = 160;
/** Characters between a match and a past time that refers to it. */
const MAX_TIME_DISTANCE = 80;
/** Words before a past time that still counts as the start of its statement. */
const MAX_WORDS_BEFORE_TIME = 5;
/** Words between a past time such as "history of" and the match. */
const MAX_WORDS_AFTER_PREFIX = 2;
/** Words of a following statement that only gives a present time: "and today". */
const MAX_WORDS_OF_TIME = 2;
const CHARACTERS_AFTER_MATCH = 30;

/** For global patterns, with which RegExp.test() would depend on the previous search. */
const matches = (pattern: RegExp, text: string): boolean => text.search(pattern) >= 0;
const getWords = (text: string): string[] => text.split(' ').filter((word) => word !== '' && word !== '|');

interface Statement {
  start: number;
  pastTimes: readonly Span[];
  isGeneralQuestion: boolean;
  /** The statement or the next one says that the past condition is present again. */
  isRecurrent: boolean;
}

/**
 * Decides whether a match is negated, in the past or only asked about. A negation, a past time or a general question
 * excludes only the match that it refers to, in the same statement. All other matches in the message still count.
 */
export class Scope {
  private readonly statementStarts: number[];
  private readonly statements = new Map<string, Statement>();

  constructor(
    private readonly text: string,
    private readonly language: LanguageRules,
    /** All matches in the text, whether they are excluded or not. */
    private readonly matchSpans: readonly Span[],
  ) {
    const afterSeparators = [...text.matchAll(/\|/g)].map(({ index }) => index + 1);
    const withinClauses = [...text.matchAll(language.statementStart)].map(({ index }) => index);
    this.statementStarts = [0, ...afterSeparators, ...withinClauses].sort((a, b) => a - b);
  }

  excludes({ kind }: Rule, span: Span): boolean {
    if (kind !== 'PHRASE' && this.isNegated(span)) return true;
    const statement = this.getStatementAround(span);
    if (kind === 'CONDITION' && statement.isGeneralQuestion) return true;
    return this.isPast(span, statement);
  }

  private getStatementAround([spanStart, spanEnd]: Span): Statement {
    // A match may begin with the space before it, where a statement may start.
    const start = this.statementStarts.filter((each) => each <= spanStart).at(-1) ?? 0;
    const next = this.statementStarts.find((each) => each >= spanEnd && each > start);
    const end = this.skipSeparatorBefore(next ?? this.text.length);
    const key = `${start} ${end}`;
    const statement = this.statements.get(key) ?? this.analyseStatement(start, end);
    this.statements.set(key, statement);
    return statement;
  }

  private analyseStatement(start: number, end: number): Statement {
    const { language, text } = this;
    const words = text.slice(start, end).trim();
    const offset = text.indexOf(words, start) - 1;
    const statement = ` ${words} `;
    const pastTimes = [...statement.matchAll(language.pastTime)].map(({ index, 0: time }): Span => {
      return [offset + index, offset + index + time.length];
    });
    const withNext = ` ${text.slice(start, this.endOfNextStatement(end)).trim()} `;
    return {
      start,
      pastTimes,
      isGeneralQuestion: matches(language.generalQuestion, statement) && !matches(language.report, withNext),
      isRecurrent:
        pastTimes.length > 0 && (matches(language.presentTime, statement) || this.nextStatementIsRecurrence(end)),
    };
  }

  private isNegated([start, end]: Span): boolean {
    const { negationBefore, negationAfter, pseudoNegation, listSeparator, or } = this.language;
    const after = this.clauseAfter(end);
    if (pseudoNegation?.test(after)) return false;
    if (negationAfter?.test(`${after.trimEnd()} `)) return true;
    if (!negationBefore) return false;
    if (negationBefore.test(this.clauseBefore(start))) return true;
    // The match may contain a list: "no pain in the chest or arm".
    const separator = [...this.text.slice(start, end).matchAll(listSeparator)].at(-1);
    return separator !== undefined && negationBefore.test(`${this.clauseBefore(start + separator.index)}${or} `);
  }

  private clauseBefore(end: number): string {
    const clauseStart = this.text.lastIndexOf('|', end) + 1;
    return `${this.text.slice(Math.max(clauseStart, end - MAX_NEGATION_CHARACTERS), end)} `.replace(/ +$/, ' ');
  }

  private clauseAfter(start: number): string {
    const separator = this.text.indexOf('|', start);
    const clauseEnd = separator < 0 ? this.text.length : separator;
    return this.text.slice(start, Math.min(clauseEnd, start + MAX_NEGATION_CHARACTERS));
  }

  private isPast(span: Span, { start: statementStart, pastTimes, isRecurrent }: Statement): boolean {
    if (pastTimes.length === 0 || isRecurrent || this.hasPresentVerb(span)) return false;
    const [start, end] = span;
    return pastTimes
      .filter(([timeStart, timeEnd]) => timeStart - end < MAX_TIME_DISTANCE && start - timeEnd < MAX_TIME_DISTANCE)
      .some((time) => this.refersTo(time, span, statementStart));
  }

  private hasPresentVerb([start, end]: Span): boolean {
    const matched = getWords(this.text.slice(start, end));
    const after = getWords(this.text.slice(end, end + CHARACTERS_AFTER_MATCH)).slice(0, 2);
    return matches(this.language.presentVerb, ` ${matched.join(' ')} ${after.join(' ')} `);
  }

  /** The next statement says "it is back", or consists only of a present time: "and today". */
  private nextStatementIsRecurrence(end: number): boolean {
    const next = ` ${this.text.slice(end, this.endOfNextStatement(end)).replaceAll('|', ' ').trim()} `;
    if (matches(this.language.recurrence, next)) return true;
    const { length } = getWords(next);
    return length > 0 && length <= MAX_WORDS_OF_TIME && matches(this.language.presentTime, next);
  }

  /** A past time refers to matches before it. At the start of its statement, it refers to the first match after it. */
  private refersTo(time: Span, [start, end]: Span, statementStart: number): boolean {
    const [timeStart, timeEnd] = time;
    if (start <= timeStart) return this.countSubjects(end, timeStart) === 0;
    if (this.isPrefixOf(time, start)) return true;
    if (getWords(this.text.slice(statementStart, timeStart)).length > MAX_WORDS_BEFORE_TIME) return false;
    const followsOtherMatch = this.matchSpans.some(
      ([otherStart, otherEnd]) => otherStart >= statementStart - 1 && otherEnd <= timeStart + 1,
    );
    // One subject belongs to the match itself: "last year I had a stroke".
    return !followsOtherMatch && this.countSubjects(timeEnd - 1, start + 1) <= 1;
  }

  private isPrefixOf([timeStart, timeEnd]: Span, matchStart: number): boolean {
    const { pastPrefix } = this.language;
    if (!pastPrefix) return false;
    const between = getWords(this.text.slice(timeEnd - 1, Math.max(matchStart, timeEnd - 1)));
    return between.length <= MAX_WORDS_AFTER_PREFIX && matches(pastPrefix, this.text.slice(timeStart, timeEnd));
  }

  private countSubjects(start: number, end: number): number {
    const { subjectStart } = this.language;
    return subjectStart ? [...` ${this.text.slice(start, end)} `.matchAll(subjectStart)].length : 0;
  }

  private endOfNextStatement(end: number): number {
    const nextStart = this.text[end] === '|' ? end + 1 : end;
    const following = this.statementStarts.find((each) => each > nextStart + 1);
    return this.skipSeparatorBefore(following ?? this.text.length);
  }

  private skipSeparatorBefore(end: number): number {
    return this.text[end - 1] === '|' ? end - 1 : end;
  }
}
