/**
 * Spellings that sound the same in words that are written in Latin letters, longer ones first. Digits are Arabic letters: "7" is ح.
 * One pass, because the sounds of the whole vocabulary are computed at the start.
 */
const SPELLING =
  /tion$|7'|chh|sh|ch|ph|[bdgjkptr]h|ck|c(?=[iey])|ee|ii|ei|ey|ie|oo|ou|uu|ow|ai|ay|au|aw|[acehioquvwxyz\d]/gu;
const SOUNDS: Readonly<Record<string, string>> = {
  tion: 'sn',
  "7'": 'k',
  chh: 's',
  sh: 's',
  ch: 's',
  ph: 'f',
  bh: 'b',
  dh: 'd',
  gh: 'g',
  jh: 'j',
  kh: 'k',
  th: 't',
  rh: 'r',
  ck: 'k',
  q: 'k',
  x: 'ks',
  v: 'v',
  w: 'v',
  z: 'j',
  ee: 'i',
  ii: 'i',
  ei: 'i',
  ey: 'i',
  ie: 'i',
  ai: 'i',
  ay: 'i',
  e: 'i',
  y: 'i',
  i: 'i',
  oo: 'u',
  ou: 'u',
  uu: 'u',
  ow: 'u',
  au: 'u',
  aw: 'u',
  o: 'u',
  u: 'u',
  h: 'h',
  '5': 'k',
  '6': 't',
  '7': 'h',
  '8': 'k',
  '9': 'k',
};

/** How a word in Latin letters sounds: without "a", and with one letter for letters that are often exchanged. */
export function toSound(word: string): string {
  const sound = word.replace(SPELLING, (spelling, position: number) =>
    spelling === 'c' ? (/[iey]/u.test(word[position + 1] ?? '') ? 's' : 'k') : (SOUNDS[spelling] ?? ''),
  );
  return sound.replace(/(.)\1+/gu, '$1').replace(/(?<=..)(?:[iu]n?)$/u, '');
}

export const toConsonants = (sound: string): string => sound.replace(/[iuvh]/gu, '').replace(/(.)\1+/gu, '$1');

const DEVANAGARI: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'अ a आ a इ i ई i उ u ऊ u ऋ ri ए e ऐ ai ओ o औ au ऑ o ऍ e क k ख kh ग g घ gh ङ n च ch छ ch ज j झ j ञ n ट t ठ th ड d ढ dh ण n त t थ th ' +
    'द d ध dh न n प p फ ph ब b भ bh म m य y र r ल l ळ l व v श sh ष sh स s ह h ा a ि i ी i ु u ू u ृ ri े e ै ai ो o ौ au ॉ o ॅ e ं n ँ n ः h'
  )
    .split(' ')
    .reduce<[string, string][]>((pairs, part, index, parts) => {
      if (index % 2 === 0) pairs.push([part, parts[index + 1] ?? '']);
      return pairs;
    }, []),
);
const ARABIC: Readonly<Record<string, string>> = {
  ا: 'a',
  ب: 'b',
  ت: 't',
  ث: 's',
  ج: 'g',
  ح: 'h',
  خ: 'kh',
  د: 'd',
  ذ: 'z',
  ر: 'r',
  ز: 'z',
  س: 's',
  ش: 'sh',
  ص: 's',
  ض: 'd',
  ط: 't',
  ظ: 'z',
  ع: '',
  غ: 'gh',
  ف: 'f',
  ق: 'q',
  ك: 'k',
  ل: 'l',
  م: 'm',
  ن: 'n',
  ه: 'h',
  و: 'w',
  ي: 'y',
  ء: '',
  ئ: '',
  ؤ: '',
  پ: 'b',
  چ: 'g',
  ڤ: 'v',
};

const spell = (letters: Readonly<Record<string, string>>, word: string): string =>
  [...word].map((letter) => letters[letter] ?? '').join('');

/** A Hindi word in Latin letters. The sound of a word needs no vowels that are not written. */
export const spellHindi = (word: string): string => spell(DEVANAGARI, word);
export const spellArabic = (word: string): string => spell(ARABIC, word);
