import { ARABIC_WORDS, ENGLISH_WORDS, HINDI_WORDS, ROMANIZED_WORDS } from '../../../../core/vocabulary/index.js';
import { Lexicon } from './lexicon.js';
import {
  ARABIC_NAMES,
  ASIAN_NAMES,
  HINDI_NAMES,
  LATIN_NAMES,
  NAMES_THAT_ARE_WORDS,
  PLACES,
  POSSIBLE_NAMES,
} from './name-words.js';

export type { WordKind } from './lexicon.js';

let lexicon: Lexicon | undefined;

/** The lexicon is built at its first use: many processes never redact. */
export const getLexicon = (): Lexicon =>
  (lexicon ??= new Lexicon({
    englishWords: ENGLISH_WORDS,
    romanizedWords: ROMANIZED_WORDS,
    arabicWords: ARABIC_WORDS,
    hindiWords: HINDI_WORDS,
    latinNames: LATIN_NAMES,
    asianNames: ASIAN_NAMES,
    arabicNames: ARABIC_NAMES,
    hindiNames: HINDI_NAMES,
    namesThatAreWords: NAMES_THAT_ARE_WORDS,
    possibleNames: POSSIBLE_NAMES,
    places: PLACES,
  }));
