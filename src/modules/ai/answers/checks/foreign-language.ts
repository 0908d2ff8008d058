/** Letters of a script in which the chat does not answer. Single letters may be homoglyphs in an English word. */
const OTHER_SCRIPT = /(?!\p{Script=Latin}|\p{Script=Arabic}|\p{Script=Devanagari})\p{L}/gu;
/** Letters of Urdu and Persian that Arabic lacks. */
const URDU_OR_PERSIAN = /[ٹڈڑںےہھیکگپچژ]/gu;
const MAX_STRANGE_LETTERS = 1;
/** Latin letters with marks, which English, Hinglish and Arabizi lack. */
const MARKED_LATIN = /[àâäáãåçéèêëíìîïñóòôöõøúùûüýÿąćęłńśźżşğıőűæœßđơưạảấầẩậắằặẹẻẽếềểễệỉịọỏốồổỗộớờởợụủứừửữựỳỵỷỹ]/giu;
/** Frequent words of other languages that are not English, Hinglish or Arabizi words. */
const FOREIGN_WORDS = new Set(
  (
    'vous nous votre vos est les des une dans pour avec sur ou aux ce rien pas prenez devriez avez etes il elle ' +
    'usted su los las una el que por para con se preocupe tome tiene esta es mas pero si dos cada ' +
    'sie ist der das die und nicht ein eine keinen brauchen nehmen am um oeffnet nur haben mit ihr ' +
    'prenda due al giorno lei non il della sono per come e ' +
    'voce nao dois por dia o os um uma seu ' +
    'bu ve bir gunde iki alin degil icin ' +
    'weź dwie tabletki nie jest ' +
    'ta tva och inte om dagen ar neem twee per dag het niet een van u de ' +
    'minum dua sehari anda dan tidak yang kunywa vidonge viwili kwa siku na uong vien moi ngay hai'
  ).split(' '),
);
/** Frequent English, Hinglish and Arabizi words. */
const KNOWN_WORDS = new Set(
  (
    'the a an and or but of to in on at by with from for is are was be been am do does did not no can could will would should may ' +
    'i you he she it we they my your his her its our their this that these those there here who what when where which how if as so ' +
    'please yes hello thank thanks one see open opens call have has had more time day visit clinic doctor appointment ' +
    'against several again without through until because both your than then also only about before after into under up out all any some each every other most more much many than bring choose ask tell take go come back new if you free note list next normal use used between during minutes days hours ' +
    'hai hain ka ki ke ko se me mein par nahi aap kya kar karo karna le lena na ye mat jao ho raha rahi aapko ' +
    'el fi eh mesh msh ana da di law men 3la bel w ya inta enta'
  ).split(' '),
);
/** A word of both lists says nothing. */
const MIN_FOREIGN_WORDS = 2;
/** A longer English sentence has one of the frequent words. */
const MIN_UNKNOWN_WORDS = 4;

/** Whether a text is in a language other than English, Arabic and Hindi. */
export function isForeignLanguage(text: string): boolean {
  const normalized = text.normalize('NFC');
  const strange = count(normalized, URDU_OR_PERSIAN);
  if (strange > MAX_STRANGE_LETTERS) return true;
  if (/[^\s\p{P}\d]{2,}/u.test(normalized) && hasOtherScript(normalized)) return true;
  return normalized.split(/[.!?\n]+/u).some(isForeignSentence);
}

const hasOtherScript = (text: string): boolean =>
  (text.match(/[\p{L}\p{M}]+/gu) ?? []).some((word) => {
    const other = count(word, OTHER_SCRIPT);
    return other > 1 && other === count(word, /\p{L}/gu);
  });

function isForeignSentence(sentence: string): boolean {
  const words = sentence.toLowerCase().match(/[\p{Script=Latin}\p{M}\d]+/gu) ?? [];
  const foreign = words.filter((word) => FOREIGN_WORDS.has(word) && !KNOWN_WORDS.has(word)).length;
  const known = words.filter((word) => KNOWN_WORDS.has(word)).length;
  const marked = count(sentence, MARKED_LATIN);
  const isUnknown =
    known === 0 && words.length >= MIN_UNKNOWN_WORDS && !/[\p{Script=Arabic}\p{Script=Devanagari}]/u.test(sentence);
  return isUnknown || (foreign + marked >= MIN_FOREIGN_WORDS && foreign + marked > known);
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
