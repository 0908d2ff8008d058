import { toConsonants, toSound, spellArabic, spellHindi } from './sounds.js';
import { getEnglishBases, isInflected, stemArabic, stemHindi } from './word-forms.js';

/** What a word is: a name, a word that is also a name, a word of the vocabulary, nearly such a word, or none of these. */
export type WordKind = 'name' | 'both' | 'word' | 'similar' | 'unknown';

const MIN_STEM = 3;
const MIN_SOUND = 3;
const MIN_CONSONANTS = 4;
const MIN_TYPO_LETTERS = 5;
/** Of a longer word there are too many variants to look up. */
const MAX_TYPO_LETTERS = 24;
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const MEDICAL_ENDING =
  /.{3}(?:cillin|mycin|micin|prazole|sartan|pril|olol|statin|dipine|formin|gliptin|gliflozin|mab|nib|azole|cycline|oxacin|tidine|setron|triptan|zepam|zolam|barbital|profen|fenac|oxetine|parin|xaban|thiazide|semide|terol|solone|lukast|caine|itis|osis|aemia|emia|opathy|ectomy|otomy|oscopy|ology|ologist|algia|plegia|graphy|uria|penia|megaly|rrhoea|rrhea|trophy)$/u;
const ARABIC_NAME_PREFIX = /^(?:[وفبلك]|ال|لل)(?=.{3})/u;
const LATIN_NAME_PREFIX = /^(?:al|el|abd|abdel|abdul|abu|abou|bin|ibn)(?=.{3})/u;

const toSet = (...lists: readonly string[]): Set<string> => new Set(lists.flatMap((list) => list.split(/\s/u)));
const mapSet = (words: Iterable<string>, change: (word: string) => string, minLength = 2): Set<string> =>
  new Set([...words].map(change).filter((word) => word.length >= minLength));

/** A word of a known stem or sound. Without an ending of verbs and nouns it may be a name where names stand. */
const toDerived = (word: string): WordKind => (isInflected(word) ? 'word' : 'similar');

/** Words and names, separated by spaces and line ends. */
export interface LexiconData {
  englishWords: string;
  romanizedWords: string;
  arabicWords: string;
  hindiWords: string;
  latinNames: string;
  /** Names that have many spellings in Latin letters and are also written in Devanagari. */
  asianNames: string;
  arabicNames: string;
  hindiNames: string;
  namesThatAreWords: string;
  /** Words that some people have as a name, but that nearly always mean something else. */
  possibleNames: string;
  places: string;
}

/** The vocabulary whose words may leave the system, and names of people. */
export class Lexicon {
  private readonly both: Set<string>;
  private readonly possibleNames: Set<string>;
  private readonly places: Set<string>;
  private readonly placeSounds: Set<string>;
  private readonly latinNames: Set<string>;
  private readonly latinWords: Set<string>;
  private readonly arabicNames: Set<string>;
  private readonly arabicWords: Set<string>;
  private readonly arabicStems: Set<string>;
  private readonly hindiNames: Set<string>;
  private readonly hindiWords: Set<string>;
  private readonly hindiStems: Set<string>;
  private readonly nameSounds: Set<string>;
  private readonly romanizedSounds: Set<string>;
  private readonly consonants: Set<string>;
  private englishSounds: Set<string> | undefined;

  constructor(data: LexiconData) {
    this.both = toSet(data.namesThatAreWords);
    this.possibleNames = toSet(data.possibleNames);
    this.places = toSet(data.places);
    this.placeSounds = mapSet(this.places, toSound, MIN_CONSONANTS);
    this.latinNames = toSet(data.latinNames);
    this.latinWords = toSet(data.englishWords, data.romanizedWords);
    this.arabicNames = toSet(data.arabicNames);
    this.arabicWords = toSet(data.arabicWords);
    this.arabicStems = mapSet(this.arabicWords, stemArabic);
    this.hindiNames = toSet(data.hindiNames);
    this.hindiWords = toSet(data.hindiWords);
    this.hindiStems = mapSet(this.hindiWords, stemHindi);
    this.nameSounds = mapSet(toSet(data.asianNames), toSound, MIN_SOUND);
    const romanized = toSet(data.romanizedWords);
    this.romanizedSounds = new Set([
      ...mapSet(romanized, toSound, MIN_SOUND),
      ...mapSet(this.hindiWords, (word) => toSound(spellHindi(word)), MIN_SOUND),
    ]);
    this.consonants = new Set([
      ...mapSet(romanized, (word) => toConsonants(toSound(word)), MIN_CONSONANTS),
      ...mapSet(this.arabicWords, (word) => toConsonants(toSound(spellArabic(word))), MIN_CONSONANTS),
    ]);
  }

  /** Whether the word is a town or a quarter, which stands in addresses. */
  isPlace(word: string): boolean {
    if (this.places.has(word) || this.places.has(word.replace(/^[وبل](?=.{4})/u, ''))) return true;
    return (
      /\p{Script=Devanagari}/u.test(word) &&
      !this.hindiWords.has(word) &&
      this.placeSounds.has(toSound(spellHindi(word)))
    );
  }

  /** Whether the vocabulary has the word itself, and not only its stem. */
  isListed(word: string): boolean {
    return this.latinWords.has(word) || this.arabicWords.has(word) || this.hindiWords.has(word);
  }

  /** Whether a word of the vocabulary is also a name of some people: "aster", "saleem". */
  isPossibleName(word: string): boolean {
    return this.possibleNames.has(word);
  }

  /** @param word in the form of `cleanWord` */
  classify(word: string): WordKind {
    const kind = this.classifyByScript(word);
    return kind === 'unknown' && isInflected(word) ? 'similar' : kind;
  }

  private classifyByScript(word: string): WordKind {
    if (/\p{Script=Arabic}/u.test(word)) return this.classifyArabic(word);
    if (/\p{Script=Devanagari}/u.test(word)) return this.classifyHindi(word);
    return this.classifyLatin(word);
  }

  private classifyLatin(word: string): WordKind {
    const isName = this.isLatinName(word);
    if (this.latinWords.has(word)) return isName ? 'both' : 'word';
    if (isName) return 'name';
    if (getEnglishBases(word).some((base) => this.latinWords.has(base)) || MEDICAL_ENDING.test(word)) return 'word';
    const sound = toSound(word);
    if (this.nameSounds.has(sound) && sound.length > MIN_SOUND) return 'name';
    return this.isSimilar(word, sound) ? 'similar' : 'unknown';
  }

  private isLatinName(word: string): boolean {
    if (/\d/u.test(word))
      return this.latinNames.has(word.replace(/[23]/gu, '').replace(/7/gu, 'h').replace(/5/gu, 'kh'));
    return (
      this.latinNames.has(word) ||
      (LATIN_NAME_PREFIX.test(word) && this.latinNames.has(word.replace(LATIN_NAME_PREFIX, '')))
    );
  }

  private classifyArabic(word: string): WordKind {
    const isName = this.arabicNames.has(word) || this.arabicNames.has(word.replace(ARABIC_NAME_PREFIX, ''));
    if (this.arabicWords.has(word)) return isName || this.both.has(word) ? 'both' : 'word';
    if (isName) return this.both.has(word.replace(ARABIC_NAME_PREFIX, '')) ? 'both' : 'name';
    return this.arabicStems.has(stemArabic(word)) ? toDerived(word) : 'unknown';
  }

  private classifyHindi(word: string): WordKind {
    if (this.both.has(word)) return 'both';
    if (this.hindiWords.has(word)) return 'word';
    if (this.hindiNames.has(word)) return 'name';
    const sound = toSound(spellHindi(word));
    const stem = stemHindi(word);
    const isKnown =
      (stem.length >= MIN_STEM && this.hindiStems.has(stem)) ||
      (sound.length >= MIN_CONSONANTS && this.isEnglishSound(sound));
    if (this.nameSounds.has(sound) && (!isKnown || sound.length > MIN_CONSONANTS)) return 'name';
    return isKnown ? toDerived(word) : 'unknown';
  }

  /** English words in Devanagari. Their sounds are computed only if a message has such a word. */
  private isEnglishSound(sound: string): boolean {
    this.englishSounds ??= mapSet(this.latinWords, toSound, MIN_CONSONANTS);
    return this.englishSounds.has(sound);
  }

  /** Whether the word is another spelling of a romanized word, or a word with one wrong letter. */
  private isSimilar(word: string, sound: string): boolean {
    return (
      (sound.length >= MIN_SOUND && this.romanizedSounds.has(sound)) ||
      this.consonants.has(toConsonants(sound)) ||
      (word.length >= MIN_TYPO_LETTERS && word.length <= MAX_TYPO_LETTERS && this.hasNeighbour(word))
    );
  }

  private hasNeighbour(word: string): boolean {
    for (let index = 0; index < word.length; index += 1) {
      const start = word.slice(0, index);
      const end = word.slice(index + 1);
      if (this.latinWords.has(start + end)) return true;
      if (this.latinWords.has(start + (end[0] ?? '') + (word[index] ?? '') + end.slice(1))) return true;
      if (LETTERS.some((letter) => this.latinWords.has(start + letter + end))) return true;
      if (LETTERS.some((letter) => this.latinWords.has(start + letter + (word[index] ?? '') + end))) return true;
    }
    return false;
  }
}
