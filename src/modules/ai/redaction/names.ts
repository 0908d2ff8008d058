import { getLexicon, type WordKind } from './lexicon/index.js';
import {
  ARABIC_AFTER_NAME,
  DISEASE_NAMES,
  DISEASE_WORDS,
  DOSE_UNIT,
  INTRODUCTIONS,
  MEDICINE_CUES,
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
  isArabicRelative,
  isBeforeAge,
  isBesideSelf,
  isBetweenKinAndAge,
  isNameEnding,
  isReceiver,
  isSubject,
  isSurelySubject,
  joinsName,
  toNameSpans,
} from './name-positions.js';
import type { Span, Token } from './tokens.js';

type Verdict = WordKind | 'none';

/** Arabic names such as "جوانا" look like words with an ending, but not like verbs. */
const NOUN_ENDING = /^(?![بهحسمعيتن][يتن])\p{Script=Arabic}+(?:نا|ين|ون|ات|تي|ني)$/u;
const AND = /^(?:and|n|&|aur|or|और|एवं|व|w|و)$/iu;
/** "وPSA": an Arabic prefix before a word in Latin letters. */
const MIXED_PREFIX = /^[وبلفك](?=[a-z])/u;
const DOSE = /^\d+(?:mg|mcg|ml|g|gm|iu|u|units?)$/iu;
const MIN_UNKNOWN_LETTERS = 3;
const MAX_ACRONYM_LETTERS = 5;
/** A text of capitalized words gives no hint by capitals. */
const MAX_CAPITALIZED_SHARE = 0.5;

const isAt = (tokens: readonly Token[], index: number, words: ReadonlySet<string>): boolean => {
  const token = tokens[index];
  return token?.kind === 'word' && words.has(token.word);
};

/** Finds the names in a text: words of the lists of names, and words that no vocabulary has, where names may stand. */
export class NameFinder {
  private readonly verdicts: Verdict[];
  private readonly hasUsefulCapitals: boolean;

  constructor(private readonly tokens: readonly Token[]) {
    const words = tokens.filter(({ kind }) => kind === 'word');
    const capitalized = words.filter(({ isCapitalized }) => isCapitalized).length;
    this.hasUsefulCapitals = capitalized <= words.length * MAX_CAPITALIZED_SHARE || words.length < 4;
    this.verdicts = tokens.map((token, index) => this.getVerdict(token, index));
  }

  /** @returns sorted spans */
  find(): Span[] {
    const isName = this.tokens.map((_, index) => this.isName(index));
    for (let index = 0; index < isName.length; index += 1)
      if (this.isNamedTogether(index, isName)) isName[index] = true;
    for (let index = 0; index < isName.length; index += 1) if (this.continuesName(index, isName)) isName[index] = true;
    for (let index = isName.length - 1; index >= 0; index -= 1)
      if (this.precedesName(index, isName)) isName[index] = true;
    return toNameSpans(this.tokens, isName);
  }

  private getVerdict({ kind, word, text }: Token, index: number): Verdict {
    if (kind !== 'word' || this.isMedical(index)) return 'none';
    // "على" is the preposition "on"; only "علي" may be the name Ali.
    if (text === 'على' || word.length < 2) return 'word';
    const verdict = getLexicon().classify(word.replace(MIXED_PREFIX, ''));
    const isAcronym = /^[A-Z\d]+$/u.test(text) && text.length <= MAX_ACRONYM_LETTERS && this.hasUsefulCapitals;
    if (verdict !== 'unknown') return verdict;
    return isAcronym || text.length < MIN_UNKNOWN_LETTERS ? 'none' : verdict;
  }

  /** Medicines that the vocabulary does not have, and diseases with names of people. */
  private isMedical(index: number): boolean {
    const next = this.tokens[index + 1];
    const hasDose =
      next?.kind === 'number' && (DOSE.test(next.text) || DOSE_UNIT.test(this.tokens[index + 2]?.text ?? ''));
    return (
      (hasDose && !this.isAfter(index, RELATIVES) && !this.isPatientWithDose(index)) ||
      (this.tokens[index]?.before === '-' && this.tokens[index - 1]?.word === 'co') ||
      isAt(this.tokens, index - 1, MEDICINE_CUES) ||
      isAt(this.tokens, index, DISEASE_NAMES) ||
      isAt(this.tokens, index + 1, DISEASE_WORDS) ||
      /^(?:متلازمة|داء)$/u.test(this.tokens[index - 1]?.text ?? '')
    );
  }

  /** "I gave Amina 5 ml". */
  private isPatientWithDose(index: number): boolean {
    const kind = getLexicon().classify(this.tokens[index]?.word ?? '');
    return (kind === 'name' || kind === 'both') && isReceiver(this.tokens, index);
  }

  private isAfter(index: number, words: ReadonlySet<string>): boolean {
    if (this.tokens[index]?.startsSentence) return false;
    const isKin = words === RELATIVES && isArabicRelative(this.tokens[index - 1]?.word ?? '');
    return isKin || isAt(this.tokens, index - 1, words);
  }

  private isBefore(index: number, words: ReadonlySet<string>): boolean {
    return this.tokens[index + 1]?.startsSentence === false && isAt(this.tokens, index + 1, words);
  }

  private isName(index: number): boolean {
    const verdict = this.verdicts[index];
    const token = this.tokens[index];
    if (!token || verdict === undefined || verdict === 'none') return false;
    if (verdict === 'name' || verdict === 'unknown') return true;
    // "عبد الرازق": a name of two words.
    if (this.tokens[index - 1]?.text === 'عبد') return true;
    const isSignalled = this.hasUsefulCapitals && token.isCapitalized && !token.startsSentence;
    if (verdict === 'similar')
      return isSignalled || this.isIntroduced(index) || this.isPointedAt(index) || this.isFirstAndCapital(index);
    if (verdict === 'word') {
      const isUncased = !/\p{Script=Latin}/u.test(token.text);
      if (isUncased && this.isAfter(index, RELATIVES) && isBetweenKinAndAge(this.tokens, index)) return true;
      return token.isCapitalized && this.hasUsefulCapitals && this.isTitled(index);
    }
    return (isSignalled && !SELDOM_NAMES.has(token.word)) || this.isNameByPosition(index);
  }

  /** "its bilqis again", "my son jomar has fever". */
  private isPointedAt(index: number): boolean {
    const isRelative = this.isAfter(index, RELATIVES);
    if (isRelative && NOUN_ENDING.test(this.tokens[index]?.word ?? '')) return true;
    return this.isBefore(index, PERSON_WORDS) && (this.isAfter(index, POINTERS) || isRelative);
  }

  /** "Iqra had her tonsils out". */
  private isFirstAndCapital(index: number): boolean {
    const token = this.tokens[index];
    return token?.isCapitalized === true && this.hasUsefulCapitals && this.isBefore(index, PERSON_WORDS);
  }

  private isTitled(index: number): boolean {
    const isTitle =
      this.isAfter(index, INTRODUCTIONS) || (this.isAfter(index, TITLES) && this.tokens[index - 1]?.isCapitalized);
    return isTitle === true && !SELDOM_NAMES.has(this.tokens[index]?.word ?? '');
  }

  private isIntroduced(index: number): boolean {
    return this.isAfter(index, INTRODUCTIONS) || this.isAfter(index, TITLES);
  }

  /** Whether a word that is also a name stands where a name stands. */
  private isNameByPosition(index: number): boolean {
    const token = this.tokens[index];
    const isBeforePersonWord = isBeforeAge(this.tokens, index) || this.isBefore(index, PERSON_WORDS);
    const isLast = index === this.tokens.length - 1;
    const isIntroduced = this.isIntroduced(index) || this.isAfter(index, RELATIVES);
    if (RELATIVES.has(token?.word ?? '') && token?.startsClause) return false;
    if (isReceiver(this.tokens, index) || introducesSelf(this.tokens, index)) return true;
    if (SELDOM_NAMES.has(token?.word ?? ''))
      return (isIntroduced && isBeforePersonWord) || isSurelySubject(this.tokens, index);
    if (isBesideSelf(this.tokens, index) || isSubject(this.tokens, index)) return true;
    return (
      isIntroduced ||
      (this.isAfter(index, POINTERS) && (isBeforePersonWord || !/\p{Ll}/u.test(token?.text ?? ''))) ||
      (this.isAfter(index, POINTERS) &&
        /^(?:its|this|tell|ask|dear|im|ana)$/u.test(this.tokens[index - 1]?.word ?? '')) ||
      this.isWriter(index) ||
      this.isArabicSubject(index) ||
      (isBeforePersonWord && (token?.startsClause === true || this.isAfter(index, POINTERS))) ||
      (isBeforePersonWord &&
        !/\p{Script=Latin}/u.test(token?.text ?? '') &&
        !this.isBefore(index, WEAK_PERSON_WORDS)) ||
      (token?.startsClause === true && this.isBefore(index, POSSESSIVES)) ||
      (isLast && token?.startsClause === true)
    );
  }

  /** "main Lovely, unki biwi". */
  private isWriter(index: number): boolean {
    const endsClause = this.tokens[index + 1]?.startsClause !== false;
    return (
      endsClause && this.isAfter(index, POINTERS) && /^(?:main|mai|hum|me)$/u.test(this.tokens[index - 1]?.word ?? '')
    );
  }

  /** "غيث ما ينام", "جميلة رجلها متورمة". */
  private isArabicSubject(index: number): boolean {
    const token = this.tokens[index];
    const next = this.tokens[index + 1];
    const isSubject = token?.startsClause === true && this.verdicts[index] === 'both';
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
    const verdict = this.verdicts[index];
    if (verdict === 'both') return token.isCapitalized || !SELDOM_NAMES.has(token.word);
    const isUncased = !/\p{Script=Latin}/u.test(token.text);
    return (
      (verdict === 'similar' && isUncased) ||
      ((verdict === 'word' || verdict === 'similar') && this.isCapitalizedWord(index))
    );
  }

  /** "Puja and Jyoti": if one of them is a name, the other one is. */
  private isNamedTogether(index: number, isName: readonly boolean[]): boolean {
    const isUncased = this.verdicts[index] === 'similar' && !/\p{Script=Latin}/u.test(this.tokens[index]?.text ?? '');
    if (!(this.verdicts[index] === 'both' || isUncased) || SELDOM_NAMES.has(this.tokens[index]?.word ?? ''))
      return false;
    const isBeside = (step: 1 | -1): boolean =>
      AND.test(this.tokens[index + step]?.text ?? '') && isName[index + 2 * step] === true;
    return isBeside(1) || isBeside(-1);
  }

  private precedesName(index: number, isName: readonly boolean[]): boolean {
    const token = this.tokens[index];
    const next = this.tokens[index + 1];
    if (!token || !next || isName[index] || !isName[index + 1] || !joinsName(next)) return false;
    if (NAME_PARTICLES.has(token.word)) return true;
    const isUncased = !/\p{Script=Latin}/u.test(token.text);
    const verdict = this.verdicts[index];
    const isMaybe =
      verdict === 'both' ||
      (verdict === 'word' && isUncased === false && this.isAfter(index, TITLES)) ||
      (verdict === 'similar' &&
        (token.isCapitalized || (isUncased && (token.startsClause || this.isAfter(index, PERSON_WORDS)))));
    return isMaybe && (!SELDOM_NAMES.has(token.word) || this.isAfter(index, TITLES));
  }

  private isCapitalizedWord(index: number): boolean {
    const token = this.tokens[index];
    return token?.kind === 'word' && token.isCapitalized && this.hasUsefulCapitals && !SELDOM_NAMES.has(token.word);
  }
}
