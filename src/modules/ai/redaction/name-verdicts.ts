import { getLexicon, type WordKind } from './lexicon/index.js';
import {
  DISEASE_NAMES,
  DISEASE_WORDS,
  DOSE_UNIT,
  INTRODUCTIONS,
  MEDICINE_CUES,
  RELATIVES,
  TITLES,
} from './name-cues.js';
import { isAgeUnit, isArabicRelative, isReceiver } from './name-positions.js';
import type { Token } from './tokens.js';

/** What the vocabulary has about a word. 'none' is never a name. */
export type Verdict = WordKind | 'none';

/** "وPSA": an Arabic prefix before a word in Latin letters. */
const MIXED_PREFIX = /^[وبلفك](?=[a-z])/u;
const DOSE = /^\d+(?:mg|mcg|ml|g|gm|iu|u|units?)$/iu;
/** "CD4", "CA125". */
const ACRONYM_WITH_NUMBER = /^[A-Z]{1,4}\d{1,3}$/u;
/** Strengths of medicines: "Azithral 500". */
const STRENGTH = /^(?:2\.5|5|10|15|20|25|40|50|75|80|100|125|150|200|250|300|400|500|600|625|650|1000)$/u;
const MIN_UNKNOWN_LETTERS = 3;
const MAX_ACRONYM_LETTERS = 5;
/** A text of capitalized words gives no hint by capitals. */
const MAX_CAPITALIZED_SHARE = 0.5;
/** Fewer words are too few for this share. */
const MIN_WORDS_FOR_SHARE = 4;

const isAt = (tokens: readonly Token[], index: number, words: ReadonlySet<string>): boolean => {
  const token = tokens[index];
  return token?.kind === 'word' && words.has(token.word);
};

/** "ibrahims head": the "s" of a name without its apostrophe. */
const isPossessive = (word: string): boolean =>
  /^[a-z]{4,}s$/u.test(word) && getLexicon().classify(word.slice(0, -1)) === 'name';

/** The words of a text with their verdicts and their neighbours. */
export class NameVerdicts {
  readonly verdicts: readonly Verdict[];
  readonly hasUsefulCapitals: boolean;

  constructor(private readonly tokens: readonly Token[]) {
    const words = tokens.filter(({ kind }) => kind === 'word');
    const capitalized = words.filter(({ isCapitalized }) => isCapitalized).length;
    this.hasUsefulCapitals = capitalized <= words.length * MAX_CAPITALIZED_SHARE || words.length < MIN_WORDS_FOR_SHARE;
    this.verdicts = tokens.map((token, index) => this.getVerdict(token, index));
  }

  isAfter(index: number, words: ReadonlySet<string>): boolean {
    if (this.tokens[index]?.startsSentence) return false;
    const isKin = words === RELATIVES && isArabicRelative(this.tokens[index - 1]?.word ?? '');
    return isKin || isAt(this.tokens, index - 1, words);
  }

  isBefore(index: number, words: ReadonlySet<string>): boolean {
    return this.tokens[index + 1]?.startsSentence === false && isAt(this.tokens, index + 1, words);
  }

  private getVerdict({ kind, word, text }: Token, index: number): Verdict {
    if (kind !== 'word' || this.isMedical(index)) return 'none';
    // "على" is the preposition "on"; only "علي" may be the name Ali.
    if (text === 'على' || word.length < 2) return 'word';
    // "एचबीए1सी": no name in these scripts has a digit.
    if (/\d/u.test(word) && !/[a-z]/u.test(word)) return 'none';
    const verdict = getLexicon().classify(word.replace(MIXED_PREFIX, ''));
    if ((verdict === 'similar' || verdict === 'unknown') && isPossessive(word)) return 'name';
    const isAcronym = /^[A-Z\d]+$/u.test(text) && text.length <= MAX_ACRONYM_LETTERS && this.hasUsefulCapitals;
    if (ACRONYM_WITH_NUMBER.test(text)) return 'none';
    if (verdict === 'similar') return isAcronym ? 'none' : verdict;
    return verdict === 'unknown' && (isAcronym || text.length < MIN_UNKNOWN_LETTERS) ? 'none' : verdict;
  }

  /** Medicines that the vocabulary does not have, and diseases with names of people. */
  private isMedical(index: number): boolean {
    const next = this.tokens[index + 1];
    const hasDose =
      next?.kind === 'number' && (DOSE.test(next.text) || DOSE_UNIT.test(this.tokens[index + 2]?.text ?? ''));
    return (
      this.hasStrength(index) ||
      (hasDose && !this.isAfter(index, RELATIVES) && !this.isPatientWithDose(index)) ||
      (this.tokens[index]?.before === '-' && this.tokens[index - 1]?.word === 'co') ||
      isAt(this.tokens, index - 1, MEDICINE_CUES) ||
      isAt(this.tokens, index, DISEASE_NAMES) ||
      isAt(this.tokens, index + 1, DISEASE_WORDS) ||
      /^(?:متلازمة|داء)$/u.test(this.tokens[index - 1]?.text ?? '')
    );
  }

  /** "azithral 500 morning and night": an unknown word before a strength and no age. */
  private hasStrength(index: number): boolean {
    const [token, next, unit] = [0, 1, 2].map((offset) => this.tokens[index + offset]);
    if (token?.kind !== 'word' || next?.kind !== 'number' || !STRENGTH.test(next.text) || next.before !== ' ')
      return false;
    const kind = getLexicon().classify(token.word);
    const isPerson =
      this.isAfter(index, RELATIVES) || this.isAfter(index, TITLES) || this.isAfter(index, INTRODUCTIONS);
    return (kind === 'unknown' || kind === 'similar') && !isPerson && !isAgeUnit(unit?.text ?? '');
  }

  /** "I gave Amina 5 ml". */
  private isPatientWithDose(index: number): boolean {
    const kind = getLexicon().classify(this.tokens[index]?.word ?? '');
    return (kind === 'name' || kind === 'both') && isReceiver(this.tokens, index);
  }
}
