/** Up to four words after words that introduce a name, such as "my name is". */
const INTRODUCED_NAME = new RegExp(
  '(?<=\\b(?:my name is|my names|i am called|(?:full |patient )?name:|mera naam|naam hai|mr\\.?|mrs\\.?|ms\\.?)\\s?:?\\s|' +
    '(?:و?[اإ]سم[يهك]|و?[اإ]سمها|الاسم|اسم المريضة?|اسم الأم|اسم الأب)\\s?:?\\s|(?:मेरा नाम|नाम)\\s)' +
    '(?!(?:ايه|إيه|شو|ايش|وش|الله|غلط|خطأ|مكتوب|في|مش|غير|क्या|गलत|ग़लत|हैं?|में|से|का|की|के|पर|बता|याद|लिख|और|भी|नहीं|कुछ|वाला|ठीक)(?![\\p{L}\\p{M}]))' +
    "(?!\\[)[\\p{L}\\p{M}'-]{2,}(?:\\s[\\p{L}\\p{M}'-]{2,}){0,3}",
  'giu',
);
const FOLLOWS_NAME = new RegExp(
  '^(?:and|have|has|had|am|is|was|were|who|with|my|the|from|for|but|can|could|need|needs|want|wants|please|he|she|feels?|' +
    'feeling|got|gets|suffers?|suffering|pregnant|aged|since|born|hai|hoon|hu|mujhe|aur|meri|mera|ko|ki|se|' +
    'و|عند.*|ا?نا|أنا|من|في|[أا]عاني|[أا]ريد|[أا]حتاج|عايز.*|عاوز.*|[أا]بي|محتاج.*|تعبان.*|مريض.*|حامل|لد[يى]|है|हूं|हूँ|और|को|मुझे|मेरी|मेरा)$',
  'iu',
);
const UPPER_CASE = /^\p{Lu}/u;
const LOWER_CASE = /^\p{Ll}/u;

/**
 * Counts the words of the name. The name ends before a word that often follows names ("and", "has"), before a third word
 * without a capital letter, and, if it began with a capital letter, before any word in lower case.
 */
function countNameWords(words: readonly string[]): number {
  const startsInLowerCase = LOWER_CASE.test(words[0] ?? '');
  const isAfterName = (word: string, position: number): boolean =>
    position > 0 &&
    (FOLLOWS_NAME.test(word) ||
      (!UPPER_CASE.test(word) && position > 1) ||
      (!startsInLowerCase && LOWER_CASE.test(word)));
  const end = words.findIndex(isAfterName);
  return end < 0 ? words.length : end;
}

/** Replaces names that are introduced as names: "my name is Omar and I cough", "Mrs Salma has a headache". */
export const replaceIntroducedNames = (text: string, getPlaceholder: () => string): string =>
  text.replace(INTRODUCED_NAME, (matched) => {
    const words = matched.split(/\s/u);
    const name = words.slice(0, countNameWords(words)).join(' ');
    return getPlaceholder() + matched.slice(name.length);
  });
