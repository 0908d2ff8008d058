import type { LinearModel } from '../classifier/linear-model.js';
import {
  ARABIC_AFTER_NAME,
  INTRODUCTIONS,
  NAME_PARTICLES,
  PERSON_WORDS,
  POINTERS,
  POSSESSIVES,
  RELATIVES,
  SELDOM_NAMES,
  TITLES,
  WEAK_PERSON_WORDS,
} from './name-cues.js';
import {
  introducesSelf,
  isAnd,
  isBeforeAge,
  isBesideSelf,
  isFollowedByAge,
  isNameEnding,
  isReceiver,
  isSubject,
  isSurelySubject,
  isUncased,
  joinsName,
  toNameSpans,
} from './name-positions.js';
import { NameVerdicts } from './name-verdicts.js';
import { TaggedNames } from './tagger/tagged-names.js';
import type { Span, Token } from './tokens.js';

/** Arabic names such as "جوانا" look like words with an ending, but not like verbs. */
const NOUN_ENDING = /^(?![بهحسمعيتن][يتن])\p{Script=Arabic}+(?:نا|ين|ون|ات|تي|ني)$/u;

/** Finds the names in a text: words of the lists of names, and words that no vocabulary has, where names may stand. */
export class NameFinder {
  private readonly context: NameVerdicts;
  private readonly tagged: TaggedNames;

  constructor(
    private readonly tokens: readonly Token[],
    weights?: LinearModel,
  ) {
    this.context = new NameVerdicts(tokens);
    this.tagged = new TaggedNames(tokens, weights);
  }

  /** @returns sorted spans */
  find(): Span[] {
    const isName = this.tokens.map((_, index) => this.isName(index) || this.isTagged(index));
    for (let index = 0; index < isName.length; index += 1)
      if (this.isNamedTogether(index, isName)) isName[index] = true;
    for (let index = 0; index < isName.length; index += 1) if (this.continuesName(index, isName)) isName[index] = true;
    for (let index = isName.length - 1; index >= 0; index -= 1)
      if (this.precedesName(index, isName)) isName[index] = true;
    this.grow(isName);
    return toNameSpans(this.tokens, isName);
  }

  /** Adds words beside a name that belong to it, forwards and backwards. */
  private grow(isName: boolean[]): void {
    const isFound = (index: number): boolean => isName[index] === true || this.tokens[index]?.text === '[name]';
    const growTo = (index: number, from: number): void => {
      if (isName[index] || !isFound(from) || !joinsName(this.tokens[Math.max(index, from)])) return;
      const found = isName.map((_, at) => isFound(at));
      isName[index] = this.tagged.isBesideName(index, this.context.verdicts[index] ?? 'none', found);
    };
    for (let index = 1; index < isName.length; index += 1) growTo(index, index - 1);
    for (let index = isName.length - 2; index >= 0; index -= 1) growTo(index, index + 1);
  }

  private isTagged(index: number): boolean {
    return this.tagged.isName(index, this.context.verdicts[index] ?? 'none');
  }

  private isName(index: number): boolean {
    const verdict = this.context.verdicts[index];
    const token = this.tokens[index];
    if (!token || verdict === undefined || verdict === 'none') return false;
    if (verdict === 'name' || verdict === 'unknown') return true;
    // "عبد الرازق": a name of two words.
    if (this.tokens[index - 1]?.text === 'عبد') return true;
    const isSignalled = this.context.hasUsefulCapitals && token.isCapitalized && !token.startsSentence;
    if (verdict === 'similar' && this.isBetweenRelativeAndAge(index)) return true;
    if (verdict === 'similar')
      return isSignalled || this.isIntroduced(index) || this.isPointedAt(index) || this.isFirstAndCapital(index);
    if (verdict === 'word') {
      if (isUncased(token) && this.isBetweenRelativeAndAge(index)) return true;
      return token.isCapitalized && this.context.hasUsefulCapitals && this.isTitled(index);
    }
    return (isSignalled && !SELDOM_NAMES.has(token.word)) || this.isNameByPosition(index);
  }

  /** "मेरी बेटी उम्मीद छह साल की है". */
  private isBetweenRelativeAndAge(index: number): boolean {
    return this.context.isAfter(index, RELATIVES) && isFollowedByAge(this.tokens, index);
  }

  /** "its bilqis again", "my son jomar has fever". */
  private isPointedAt(index: number): boolean {
    const isRelative = this.context.isAfter(index, RELATIVES);
    if (isRelative && NOUN_ENDING.test(this.tokens[index]?.word ?? '')) return true;
    return this.context.isBefore(index, PERSON_WORDS) && (this.context.isAfter(index, POINTERS) || isRelative);
  }

  /** "Iqra had her tonsils out". */
  private isFirstAndCapital(index: number): boolean {
    const token = this.tokens[index];
    return (
      token?.isCapitalized === true && this.context.hasUsefulCapitals && this.context.isBefore(index, PERSON_WORDS)
    );
  }

  private isTitled(index: number): boolean {
    const isTitle =
      this.context.isAfter(index, INTRODUCTIONS) ||
      (this.context.isAfter(index, TITLES) && this.tokens[index - 1]?.isCapitalized);
    return isTitle === true && !SELDOM_NAMES.has(this.tokens[index]?.word ?? '');
  }

  private isIntroduced(index: number): boolean {
    return this.context.isAfter(index, INTRODUCTIONS) || this.context.isAfter(index, TITLES);
  }

  /** Whether a word that is also a name stands where a name stands. */
  private isNameByPosition(index: number): boolean {
    const token = this.tokens[index];
    const isBeforePersonWord = isBeforeAge(this.tokens, index) || this.context.isBefore(index, PERSON_WORDS);
    const isLast = index === this.tokens.length - 1;
    const isIntroduced = this.isIntroduced(index) || this.context.isAfter(index, RELATIVES);
    if (RELATIVES.has(token?.word ?? '') && token?.startsClause) return false;
    if (isReceiver(this.tokens, index) || introducesSelf(this.tokens, index)) return true;
    if (SELDOM_NAMES.has(token?.word ?? ''))
      return (isIntroduced && isBeforePersonWord) || isSurelySubject(this.tokens, index);
    if (isBesideSelf(this.tokens, index) || isSubject(this.tokens, index)) return true;
    return (
      isIntroduced ||
      (this.context.isAfter(index, POINTERS) && (isBeforePersonWord || !/\p{Ll}/u.test(token?.text ?? ''))) ||
      (this.context.isAfter(index, POINTERS) &&
        /^(?:its|this|tell|ask|dear|im|ana)$/u.test(this.tokens[index - 1]?.word ?? '')) ||
      this.isWriter(index) ||
      this.isArabicSubject(index) ||
      (isBeforePersonWord && (token?.startsClause === true || this.context.isAfter(index, POINTERS))) ||
      (isBeforePersonWord && isUncased(token) && !this.context.isBefore(index, WEAK_PERSON_WORDS)) ||
      (token?.startsClause === true && this.context.isBefore(index, POSSESSIVES)) ||
      (isLast && token?.startsClause === true)
    );
  }

  /** "main Lovely, unki biwi". */
  private isWriter(index: number): boolean {
    const endsClause = this.tokens[index + 1]?.startsClause !== false;
    return (
      endsClause &&
      this.context.isAfter(index, POINTERS) &&
      /^(?:main|mai|hum|me)$/u.test(this.tokens[index - 1]?.word ?? '')
    );
  }

  /** "غيث ما ينام", "جميلة رجلها متورمة". */
  private isArabicSubject(index: number): boolean {
    const token = this.tokens[index];
    const next = this.tokens[index + 1];
    const isSubject = token?.startsClause === true && this.context.verdicts[index] === 'both';
    return isSubject && next?.startsClause === false && ARABIC_AFTER_NAME.test(next.word);
  }

  /** "Omar Haddad", "abdel hamid el sherbiny": a word after a name, unless it is an ordinary word. */
  private continuesName(index: number, isName: readonly boolean[]): boolean {
    const token = this.tokens[index];
    if (
      !token ||
      isName[index] ||
      index === 0 ||
      !(isName[index - 1] || this.tokens[index - 1]?.text === '[name]') ||
      !joinsName(token)
    )
      return false;
    if (NAME_PARTICLES.has(token.word)) return isName[index + 1] === true || this.isCapitalizedWord(index + 1);
    if (isNameEnding(token.word)) return true;
    const verdict = this.context.verdicts[index];
    if (verdict === 'both') return token.isCapitalized || !SELDOM_NAMES.has(token.word);
    return (
      (verdict === 'similar' && isUncased(token)) ||
      ((verdict === 'word' || verdict === 'similar') && this.isCapitalizedWord(index))
    );
  }

  /** "Puja and Jyoti": if one of them is a name, the other one is. */
  private isNamedTogether(index: number, isName: readonly boolean[]): boolean {
    const isUncasedWord = this.context.verdicts[index] === 'similar' && isUncased(this.tokens[index]);
    if (!(this.context.verdicts[index] === 'both' || isUncasedWord) || SELDOM_NAMES.has(this.tokens[index]?.word ?? ''))
      return false;
    const isBeside = (step: 1 | -1): boolean => isAnd(this.tokens[index + step]) && isName[index + 2 * step] === true;
    return isBeside(1) || isBeside(-1);
  }

  private precedesName(index: number, isName: readonly boolean[]): boolean {
    const token = this.tokens[index];
    const next = this.tokens[index + 1];
    if (!token || !next || isName[index] || !isName[index + 1] || !joinsName(next)) return false;
    if (NAME_PARTICLES.has(token.word)) return true;
    const verdict = this.context.verdicts[index];
    const isMaybe =
      verdict === 'both' ||
      (verdict === 'word' && !isUncased(token) && this.context.isAfter(index, TITLES)) ||
      (verdict === 'similar' &&
        (token.isCapitalized ||
          (isUncased(token) && (token.startsClause || this.context.isAfter(index, PERSON_WORDS)))));
    return isMaybe && (!SELDOM_NAMES.has(token.word) || this.context.isAfter(index, TITLES));
  }

  private isCapitalizedWord(index: number): boolean {
    const token = this.tokens[index];
    return (
      token?.kind === 'word' && token.isCapitalized && this.context.hasUsefulCapitals && !SELDOM_NAMES.has(token.word)
    );
  }
}
