import { addToHash, HASH_START, toBucket } from '../../classifier/feature-hash.js';
import { ADDRESS_CUES } from '../address-cues.js';
import { AddressRoles, type Role } from '../address-roles.js';
import { isSentenceWord } from '../address-stops.js';
import { getLexicon } from '../lexicon/index.js';
import { INTRODUCTIONS, MEDICINE_CUES, PERSON_WORDS, POINTERS, RELATIVES, TITLES } from '../name-cues.js';
import { isArabicRelative } from '../name-positions.js';
import type { Token } from '../tokens.js';

/** The number of weights per label. Features share a weight if their hashes are equal. */
export const TAGGER_BUCKETS = 2 ** 16;

/** Stands for a neighbour before the first or after the last token. */
const OUTSIDE = 'X';
const NEIGHBOURS = [-3, -2, -1, 1, 2, 3];
const MAX_WORD_CHARACTERS = 24;
const MAX_NUMBER_CHARACTERS = 6;
const MAX_CORE_DISTANCE = 7;
const MAX_CUE_DISTANCE = 8;
const MAX_FOUND_DISTANCE = 6;
const MAX_DISTINGUISHED_DISTANCE = 4;
const CORE_ROLES: ReadonlySet<Role> = new Set(['start', 'end', 'landmark', 'postcode']);
const WORD_CLASSES: readonly (readonly [letter: string, has: (word: string) => boolean])[] = [
  ['R', (word) => RELATIVES.has(word) || isArabicRelative(word)],
  ['T', (word) => TITLES.has(word)],
  ['I', (word) => INTRODUCTIONS.has(word)],
  ['P', (word) => PERSON_WORDS.has(word)],
  ['O', (word) => POINTERS.has(word)],
  ['M', (word) => MEDICINE_CUES.has(word)],
  ['s', isSentenceWord],
];

/** What a token is for the tagger: its part in an address, its class, its form, and what separates it from the token before. */
interface Description {
  role: string;
  wordClass: string;
  form: string;
  verdict: string;
  border: string;
  capital: string;
}

/** The features of the tokens of a text, as numbers of weights. */
export class TokenFeatures {
  private readonly descriptions: Description[];

  /** @param roles the parts of the tokens in an address, if they are known */
  constructor(
    private readonly tokens: readonly Token[],
    roles: readonly Role[] = new AddressRoles(tokens).roles,
  ) {
    const words = tokens.filter(({ kind }) => kind === 'word');
    // Not that of NameVerdicts, which differs for short texts: the weights were trained with this one.
    const hasUsefulCapitals = words.filter(({ isCapitalized }) => isCapitalized).length <= words.length / 2;
    this.descriptions = tokens.map((token, index) => ({
      role: roles[index] ?? OUTSIDE,
      wordClass: getWordClass(token),
      form: getForm(token),
      verdict: getDetailedVerdict(token),
      border: getBorder(token),
      capital: hasUsefulCapitals && token.isCapitalized ? (token.startsSentence ? 'first' : 'inner') : '',
    }));
  }

  /** Features of the tokens around one, without its letters: they are the same for a name that nobody has seen before. */
  getContext(index: number): number[] {
    const own = this.descriptions[index] as Description;
    const [before2, before, after, after2] = [-2, -1, 1, 2].map((offset) => this.at(index + offset));
    if (!before2 || !before || !after || !after2) return [];
    const borders = own.border + after.border;
    return [
      ...NEIGHBOURS.flatMap((offset) => this.getNeighbour(index, offset)),
      hash('borders', borders),
      hash('borders before', before.border + borders),
      hash('borders after', borders + after2.border),
      hash('capital', own.capital, own.border),
      hash('words around', before.form, after.form),
      hash('words before', before2.form, before.form),
      hash('words after', after.form, after2.form),
      hash('word before', before.form, borders),
      hash('word after', after.form, borders),
      hash('classes around', before.wordClass, after.wordClass, borders),
      hash('class before', before.wordClass, own.capital, own.border),
      hash('class after', after.wordClass, borders),
      hash('roles around', before.role, after.role, borders),
      hash('roles before', before2.role, before.role, own.border),
      hash('roles after', after.role, after2.role, after.border),
      hash('core before', this.findCore(index, -1)),
      hash('core after', this.findCore(index, 1)),
      hash('cores', this.findCore(index, -1), this.findCore(index, 1)),
      hash('cue', this.findCue(index)),
      hash('script', getScript(this.tokens[index]?.text ?? '')),
      hash('any'),
    ];
  }

  /** Features of the token itself. */
  getOwn(index: number): number[] {
    const { form, wordClass, role, border } = this.descriptions[index] as Description;
    const [before, after] = [this.at(index - 1), this.at(index + 1)];
    const borders = border + after.border;
    return [
      hash('word', form),
      hash('class', wordClass),
      hash('role', role),
      hash('role borders', role, borders),
      hash('role and before', before.role, role),
      hash('role and after', role, after.role),
      hash('three roles', before.role, role, after.role, borders),
      hash('start', form.slice(0, 2)),
      hash('start', form.slice(0, 3)),
      hash('end', form.slice(-2)),
      hash('end', form.slice(-3)),
      hash('role cue', role, this.findCue(index)),
      hash('role core before', role, this.findCore(index, -1)),
      hash('role core after', role, this.findCore(index, 1)),
    ];
  }

  /** Features of what the vocabulary has about the token, or of `verdict` instead. */
  getVerdict(index: number, verdict = this.at(index).verdict): number[] {
    const { border } = this.at(index);
    const [before, after] = [this.at(index - 1), this.at(index + 1)];
    return [
      hash('verdict', verdict),
      hash('verdict before', verdict, before.wordClass, border),
      hash('verdict after', verdict, after.wordClass, after.border),
      hash('verdict capital', verdict, String(this.tokens[index]?.isCapitalized), border),
    ];
  }

  /** Features of where names or addresses were already found around a token. */
  getFound(index: number, isFound: readonly boolean[], tag: string): number[] {
    const { role, verdict, form, border } = this.at(index);
    const borders = border + this.at(index + 1).border;
    const around = `${this.findFound(index, -1, isFound)} ${this.findFound(index, 1, isFound)}`;
    const beside = `${String(isFound[index - 1])} ${String(isFound[index + 1])}`;
    return [
      hash('found', tag, around, borders),
      hash('found role', tag, around, role),
      hash('found roles before', tag, beside, this.at(index - 1).role, role, borders),
      hash('found roles after', tag, beside, role, this.at(index + 1).role, borders),
      hash('found verdict', tag, beside, verdict, borders),
      hash('found word', tag, beside, form),
      hash('found class', tag, around, this.at(index).wordClass, this.at(index + 1).wordClass),
    ];
  }

  /** How far the next token is that was found, and what separates it. */
  private findFound(index: number, step: 1 | -1, isFound: readonly boolean[]): string {
    let softBorders = 0;
    for (let distance = 1; distance <= MAX_FOUND_DISTANCE; distance += 1) {
      const { border } = this.at(index + distance * step + (step === 1 ? 0 : 1));
      if (border === 'hard') return 'border';
      if (border === 'soft') softBorders += 1;
      if (isFound[index + distance * step]) return `${Math.min(distance, 3)},${Math.min(softBorders, 2)}`;
    }
    return 'none';
  }

  private getNeighbour(index: number, offset: number): number[] {
    const { role, wordClass, form, verdict, capital } = this.at(index + offset);
    const place = String(offset);
    const far = [hash('role', place, role), hash('class', place, wordClass)];
    if (Math.abs(offset) > 2) return far;
    return [...far, hash('word', place, form), hash('verdict', place, verdict), hash('capital', place, capital)];
  }

  private at(index: number): Description {
    return (
      this.descriptions[index] ?? {
        role: OUTSIDE,
        wordClass: OUTSIDE,
        form: OUTSIDE,
        verdict: OUTSIDE,
        border: OUTSIDE,
        capital: OUTSIDE,
      }
    );
  }

  /** How far a street word, a landmark or a postcode is, and whether words of a sentence stand between. */
  private findCore(index: number, step: 1 | -1): string {
    let isAcrossSentence = '';
    for (let distance = 1; distance <= MAX_CORE_DISTANCE; distance += 1) {
      const at = index + distance * step;
      if (this.at(step === 1 ? at : at + 1).border === 'hard') return 'border';
      const { role, wordClass } = this.at(at);
      if (role === OUTSIDE) return OUTSIDE;
      if (CORE_ROLES.has(role as Role)) return `${Math.min(distance, MAX_DISTINGUISHED_DISTANCE)}${isAcrossSentence}`;
      if (wordClass.includes('s')) isAcrossSentence = 's';
    }
    return 'none';
  }

  private findCue(index: number): string {
    for (let distance = 1; distance <= MAX_CUE_DISTANCE && distance <= index; distance += 1) {
      if (ADDRESS_CUES.has(this.tokens[index - distance]?.word ?? ''))
        return String(Math.min(distance, MAX_DISTINGUISHED_DISTANCE));
    }
    return 'none';
  }
}

/** What the vocabulary has about a word, and whether a word of it may be a name. */
export function getDetailedVerdict({ kind, word }: Token): string {
  if (kind !== 'word') return kind;
  const lexicon = getLexicon();
  const verdict = lexicon.classify(word);
  if (verdict !== 'word') return verdict;
  if (lexicon.isPossibleName(word)) return 'possible';
  return lexicon.isListed(word) ? verdict : 'derived';
}

function getWordClass({ kind, word, text }: Token): string {
  if (kind === 'placeholder') return text;
  if (kind === 'number') return '#';
  return WORD_CLASSES.map(([letter, has]) => (has(word) ? letter : '')).join('');
}

/** The word, or the shape of a number. */
function getForm({ kind, word, text }: Token): string {
  if (kind === 'placeholder') return text;
  if (kind === 'word') return word.slice(0, MAX_WORD_CHARACTERS);
  return `#${text.replace(/\d/gu, '0').replace(/\p{L}/gu, 'a').slice(0, MAX_NUMBER_CHARACTERS)}`;
}

function getBorder({ before }: Token): string {
  if (/[.؟?!।:\n]/u.test(before)) return 'hard';
  if (/[,،;()]|\s[-–—]/u.test(before)) return 'soft';
  return /^[-/]$/u.test(before) ? 'joined' : 'none';
}

function getScript(text: string): string {
  if (/\p{Script=Latin}/u.test(text)) return 'latin';
  if (/\p{Script=Arabic}/u.test(text)) return 'arabic';
  return /\p{Script=Devanagari}/u.test(text) ? 'devanagari' : 'none';
}

/** Separates the parts of a feature in its hash. */
const PART_END = 0x1f;

function hash(...parts: readonly string[]): number {
  let state = HASH_START;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 1) state = addToHash(state, part.charCodeAt(at));
    state = addToHash(state, PART_END);
  }
  return toBucket(state, TAGGER_BUCKETS);
}
