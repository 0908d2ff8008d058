import { toWords } from './lexicon/word-forms.js';
import type { Span, Token } from './tokens.js';

/** Kin, friends and staff with "my", "your", "his", "her", "our", "their", after "and", "for" or "with". */
const ARABIC_RELATIVE =
  /^[ولبف]?(?:(?:اب[ون]?|ام|اخ[وت]?|بنت|ولد|زوج|زوجت|مرات|مرت|جوز|رجل|عم|عمت|خال|خالت|جد|جدت|ست|حمات|حما|خطيب|خطيبت|صديق|صديقت|صاحب|صاحبت|جار|جارت|حفيد|حفيدت|والد|والدت|طفل|طفلت|زميل|زميلت|قريب|قريبت|مدير|مديرت|كفيل|سواق|خدامت))(?:ي|ه|ها|هم|نا|ك|كم|ا|يا|وي|وها|وه|ونا|ته|تها|تي|تنا)$/u;
/** Body parts and other nouns that end like the kin above. */
const NO_RELATIVE = toWords('رجلي رجله رجلها ستي امه اما اخي');
const JOINS_NAME = /^[ \-.'’]{0,2}$/u;
const GIVING = toWords(
  'told tell ask asked gave give giving given brought bring saw took helped help let made make remind called call fed feed bathed text texted ring rang phone phoned email emailed contact inform message',
);
const AFTER_RECEIVER = toWords('to the his her a an my some that about half too more again when if because on at');
const SELF = toWords('me i myself us ana main mai mein मैं मुझे मैंने mujhe maine أنا انا');
const AND = /^(?:and|n|&|aur|or|और|एवं|व|w|و)$/iu;
const SELF_INTRODUCTION = toWords('its this im is am ana');
const AFTER_SELF = toWords('here again speaking writing from calling texting messaging this');
const NOT_BEFORE_AGE = toWords(
  `ने को में से पर अब तक वही फिर अभी लगभग करीब केवल सिर्फ बस की का के को जो तो भी बड़ी बड़ा छोटी छोटा है उम्र आयु عمره عمرها سنه سنها حوالي تقريبا نحو بعمر عندها عنده من لها له في بس كان صغير صغيرة كبير كبيرة قبل بعد منذ وعمره وعمرها اللي`,
);
const SPELLED_NUMBER =
  /^(?:एक|दो|तीन|चार|पांच|पाँच|छह|छः|सात|आठ|नौ|दस|ग्यारह|बारह|तेरह|चौदह|पंद्रह|सोलह|बीस|तीस|चालीस|पचास|साठ|सत्तर|अस्सी|ek|do|teen|char|chaar|paanch|panch|chhe|saat|aath|nau|das)$/u;
const AGE_UNIT = /^(?:years?|yrs?|yo|months?|mahine|saal|sana|seneen|sneen|سنة|سنين|سنوات|شهور|साल|महीने|वर्ष)$/iu;
/** Parts of names that only follow a name: "Anjali Kumari", "Fatima Bi". */
const NAME_ENDINGS = toWords(
  `kumari kumar devi kaur singh lal bai bi bibi begum begam khatun khatoon bano nisha pal nath das prasad ram shah ali
  कुमारी कुमार देवी कौर सिंह लाल बाई बी बीबी बेगम खातून बानो निशा पाल नाथ दास प्रसाद राम शाह अली`,
);
/** "Ramesh ji", "gulab chacha". */
const KIN_AFTER_NAME = toWords(
  `chacha chachi kaka kaki mausi bua tai tau dada dadi nana nani khala mami madam maam sister bhaiya aunty uncle
  चाचा चाची काका काकी मौसी बुआ ताई ताऊ दादा दादी नाना नानी खाला मामी मैडम सिस्टर`,
);
const HINDI_SUBJECT_VERB = /^(?:भी|सो|नहीं|बहुत|रात|रो|खा|पी|गिर|बार|उल्टी|खांस|बेहोश|बीमार|परेशान|तीन|दो|अब|कल|आज)$/u;
/** Forms after an Arabic name: participles, past verbs, and parts of the body with "his". */
const ARABIC_STATE =
  /^(?:(?:نايم|قاعد|تعبان|سخن|واقع|ماشي|بردان|دايخ|حاسس|راقد|صاحي|زعلان|عيان|مريض|عطشان|خايف|متعب|محموم|مصاب|لس[ها]|انكسر|وقع|طاح|شرب|بلع|اكل|انجرح|استفرغ|رجع|ولد|سقط|داخ|تقيا|اتحرق|اتعور|فقد|دخل|خرج|طلع|صحي|نام|تعب|مرض|حامل)[هةتوا]{0,2}|(?:رجل|ايد|يد|بطن|راس|عين|ضهر|ظهر|صدر|حرارت|ضغط|سكر|نفس|ودن|اذن|سن|وجه|جسم|جلد|رقبت|ركبت|كتف|قلب|عمر|وزن)ه|محتاج[هة]?)$/u;

/** Verbs that only people have, also after words such as "summer" and "will". */
const HUMAN_VERBS = toWords(
  'has cant keeps woke wont threw says feels vomited coughs cries fell swallowed wants needs',
);

const getNextInClause = (tokens: readonly Token[], index: number): Token | undefined =>
  tokens[index + 1]?.startsClause === false ? tokens[index + 1] : undefined;
const getPreviousInClause = (tokens: readonly Token[], index: number): Token | undefined =>
  tokens[index]?.startsClause === false ? tokens[index - 1] : undefined;
const has = (words: ReadonlySet<string>, token: Token | undefined): boolean =>
  token?.kind === 'word' && words.has(token.word);

export const isAnd = (token: Token | undefined): boolean => AND.test(token?.text ?? '');

/** Whether a word is in a script without capital letters. */
export const isUncased = (token: Token | undefined): boolean => !/\p{Script=Latin}/u.test(token?.text ?? '');

export const isArabicRelative = (word: string): boolean =>
  ARABIC_RELATIVE.test(word) && !NO_RELATIVE.has(word.replace(/^[ولبفك](?=.{4})/u, ''));

/** "i told will to", "gave rose the syrup", "i gave amina 5 ml". */
export function isReceiver(tokens: readonly Token[], index: number): boolean {
  const next = getNextInClause(tokens, index);
  return has(GIVING, getPreviousInClause(tokens, index)) && (has(AFTER_RECEIVER, next) || next?.kind === 'number');
}

/** "ivy and me", "main aur asha". */
export const isBesideSelf = (tokens: readonly Token[], index: number): boolean =>
  (isAnd(tokens[index + 1]) && has(SELF, tokens[index + 2])) ||
  (isAnd(tokens[index - 1]) && has(SELF, tokens[index - 2]));

/** "its hope here", "this is will again". */
export const introducesSelf = (tokens: readonly Token[], index: number): boolean =>
  has(SELF_INTRODUCTION, getPreviousInClause(tokens, index)) && has(AFTER_SELF, getNextInClause(tokens, index));

/** Whether an age in figures or words follows the word: "उम्मीद छह साल की है". False for words such as "about". */
export function isFollowedByAge(tokens: readonly Token[], index: number): boolean {
  const next = getNextInClause(tokens, index);
  const isNumber = next?.kind === 'number' || SPELLED_NUMBER.test(next?.text ?? '');
  return isNumber && !has(NOT_BEFORE_AGE, tokens[index]) && AGE_UNIT.test(tokens[index + 2]?.text ?? '');
}

export const isAgeUnit = (word: string): boolean => AGE_UNIT.test(word);

export const isNameEnding = (word: string): boolean => NAME_ENDINGS.has(word);

/** "chhotu 3 saal ka hai". */
export const isBeforeAge = (tokens: readonly Token[], index: number): boolean =>
  tokens[index + 1]?.kind === 'number' && AGE_UNIT.test(tokens[index + 2]?.text ?? '');

/** "gulab chacha", "सपना सो नहीं पाती", "نور نايمة": a name that is also a word, at the start of a clause. */
export function isSubject(tokens: readonly Token[], index: number): boolean {
  const next = getNextInClause(tokens, index);
  if (has(KIN_AFTER_NAME, next)) return true;
  return (
    tokens[index]?.startsClause === true &&
    next !== undefined &&
    (HINDI_SUBJECT_VERB.test(next.text) || ARABIC_STATE.test(next.word))
  );
}

/** "summer has head lice again". */
export const isSurelySubject = (tokens: readonly Token[], index: number): boolean =>
  tokens[index]?.startsClause === true && has(HUMAN_VERBS, getNextInClause(tokens, index));

export const joinsName = (token: Token | undefined): boolean => JOINS_NAME.test(token?.before ?? '');

export function toNameSpans(tokens: readonly Token[], isName: readonly boolean[]): Span[] {
  const spans: Span[] = [];
  isName.forEach((found, index) => {
    if (!found) return;
    const last = spans.at(-1);
    if (last?.to === index && joinsName(tokens[index])) last.to = index + 1;
    else spans.push({ from: index, to: index + 1 });
  });
  return spans;
}
