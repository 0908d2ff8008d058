import { getParts } from '../../src/modules/ai/classifier/score-message.js';
import { splitIntoWords } from '../../src/modules/ai/classifier/features.js';
import type { MessageClass } from '../../src/modules/ai/classifier/weights.js';
import { CORPUS_LANGUAGES, type CorpusLanguage, type Phrase } from './corpus.js';
import type { Random } from './random.js';

/** A text with its class, for training. */
export interface Example {
  text: string;
  label: MessageClass;
}

/** Sentences with which people play down what they wrote. They change no class. */
const MINIMISERS: Readonly<Record<CorpusLanguage, readonly string[]>> = {
  en: [
    'my wife says it is nothing',
    'everyone says im overreacting',
    'maybe just tired',
    'i dont want to make a fuss',
    'it is probably anxiety',
    'sorry to bother you',
    'im sure its fine',
    'he says it will pass',
    'not sure if it matters',
    'dont worry too much',
  ],
  ar: [
    'اهلي بيقولوا مفيش حاجة',
    'يمكن من التعب بس',
    'مش عايز ازعج حد',
    'زوجي يقول لا داعي للقلق',
    'اكيد توتر مو اكثر',
    'اسف على الازعاج',
    'يقولون اني ابالغ',
    'momken ta3ab bas',
    'ma3lesh 3al ez3ag',
    'ممكن يكون بسيط',
  ],
  hi: [
    'घर वाले कहते हैं कुछ नहीं है',
    'शायद थकान होगी',
    'किसी को परेशान नहीं करना चाहता',
    'वो कहते हैं ठीक हो जाएगा',
    'sab kehte hain kuch nahi hai',
    'shayad gas hogi',
    'tension ki wajah se hoga',
    'pareshan karne ke liye sorry',
    'शायद वहम है मेरा',
    'pati bolte hain chinta mat karo',
  ],
};

const GREETINGS: Readonly<Record<CorpusLanguage, readonly string[]>> = {
  en: ['hello', 'hi doctor', 'good evening', 'please help', 'hi there sorry', 'dear sir'],
  ar: ['السلام عليكم', 'مرحبا', 'لو سمحت', 'يا دكتور', 'مساء الخير', 'salam'],
  hi: ['नमस्ते', 'डॉक्टर साहब', 'hello sir', 'namaste', 'doctor ji', 'कृपया'],
};

const MAX_PARTS = 3;
/** Of the decorated variants, those that get a minimiser. The others get a greeting. */
const MINIMISER_SHARE = 0.7;
/** Of the texts with a minimiser, those in which it comes last. */
const MINIMISER_LAST_SHARE = 0.8;
/** Of the words, those with a typing error. */
const TYPING_ERROR_SHARE = 0.15;
/** Of the texts with typing errors, those in which two words are joined. */
const JOINED_WORDS_SHARE = 0.2;
const MIN_LETTERS_FOR_ERROR = 4;

/** How urgent each class is: the class of two joined messages is that of the more urgent one. */
const URGENCY: Readonly<Record<MessageClass, number>> = { ADMIN: 0, HEALTH: 1, EMERGENCY: 2, SELF_HARM: 3 };

const toClass = ({ kind, label }: Phrase): MessageClass => (kind === 'self-harm' ? 'SELF_HARM' : label);

/** The phrases, and variants of each: with typing errors, with a minimiser or a greeting, and joined with a harmless phrase. */
export function augment(phrases: readonly Phrase[], random: Random): Example[] {
  const harmless = new Map(CORPUS_LANGUAGES.map((each) => [each, phrases.filter(isHarmless(each))]));
  return phrases.flatMap((phrase) => {
    const { text, language } = phrase;
    const label = toClass(phrase);
    const other = random.pick(harmless.get(language) ?? [phrase]);
    return [
      { text, label },
      { text: withTypingErrors(text, random), label },
      { text: decorate(text, language, random), label },
      { text: joinTexts(text, other.text, random), label: moreUrgent(label, toClass(other)) },
      // The classifier also reads parts of messages. Each part of a harmless message is harmless; of an emergency, not every part is one.
      ...(phrase.label === 'EMERGENCY' ? [] : pickParts(text, random).map((part) => ({ text: part, label }))),
    ];
  });
}

const isHarmless =
  (wanted: CorpusLanguage) =>
  ({ language, label }: Phrase): boolean =>
    language === wanted && label !== 'EMERGENCY';

function pickParts(text: string, random: Random): string[] {
  const parts = getParts(splitIntoWords(text));
  random.shuffle(parts);
  return parts.slice(0, MAX_PARTS).map((words) => words.join(' '));
}

const moreUrgent = (a: MessageClass, b: MessageClass): MessageClass => (URGENCY[a] >= URGENCY[b] ? a : b);

const decorate = (text: string, language: CorpusLanguage, random: Random): string =>
  random.next() < MINIMISER_SHARE
    ? joinTexts(text, random.pick(MINIMISERS[language]), random, MINIMISER_LAST_SHARE)
    : `${random.pick(GREETINGS[language])} ${text}`;

function joinTexts(first: string, second: string, random: Random, inOrder = 0.5): string {
  const [a, b] = random.next() < inOrder ? [first, second] : [second, first];
  return `${a}${random.pick([' ', '. ', ', '])}${b}`;
}

/** One change in about every seventh word: a letter is lost, doubled, or changes place, or a space is lost. */
function withTypingErrors(text: string, random: Random): string {
  const words = text
    .split(' ')
    .map((word) => (random.next() < TYPING_ERROR_SHARE ? withTypingError(word, random) : word));
  if (random.next() < JOINED_WORDS_SHARE && words.length > 3) {
    const at = random.below(words.length - 1);
    words.splice(at, 2, `${words[at]}${words[at + 1]}`);
  }
  return words.join(' ');
}

function withTypingError(word: string, random: Random): string {
  if (word.length < MIN_LETTERS_FOR_ERROR) return word;
  const at = 1 + random.below(word.length - 2);
  const [before, letter, after] = [word.slice(0, at), word[at] ?? '', word.slice(at + 1)];
  return random.pick([
    before + after,
    before + letter + letter + after,
    `${before.slice(0, -1)}${letter}${before.at(-1)}${after}`,
  ]);
}
