/** A name after words that introduce one, such as "my name is": up to four words in all; the words show where it ends. */
const SAID = new RegExp(
  '(?<=\\b(?:my name is|my names|i am called|(?:full |patient )?name:|mera naam|naam hai|mr\\.?|mrs\\.?|ms\\.?)\\s?:?\\s|' +
    '(?:اسمي|إسمي|اسم المريض)\\s?:?\\s|(?:मेरा नाम|नाम)\\s)' +
    "(?!\\[)[\\p{L}\\p{M}'-]{2,}(?:\\s[\\p{L}\\p{M}'-]{2,}){0,3}",
  'giu',
);
const FOLLOWS_A_NAME = new RegExp(
  '^(?:and|have|has|had|am|is|was|were|who|with|my|the|from|for|but|can|could|need|needs|want|wants|please|he|she|feels?|' +
    'feeling|got|gets|suffers?|suffering|pregnant|aged|since|born|hai|hoon|hu|mujhe|aur|meri|mera|ko|ki|se|' +
    'و|عند.*|ا?نا|أنا|من|في|[أا]عاني|[أا]ريد|[أا]حتاج|عايز.*|عاوز.*|[أا]بي|محتاج.*|تعبان.*|مريض.*|حامل|لد[يى]|है|हूं|हूँ|और|को|मुझे|मेरी|मेरा)$',
  'iu',
);
const CAPITAL = /^\p{Lu}/u;
const SMALL = /^\p{Ll}/u;

/** What follows is rather a word than a name: "my name is Omar and I cough", "Mrs Salma has a headache". */
function lengthOfName(words: readonly string[]): number {
  const small = SMALL.test(words[0] ?? '');
  const ends = (word: string, at: number): boolean =>
    at > 0 && (FOLLOWS_A_NAME.test(word) || (!CAPITAL.test(word) && at > 1) || (!small && SMALL.test(word)));
  const end = words.findIndex(ends);
  return end < 0 ? words.length : end;
}

export const withoutSaidNames = (text: string, take: () => string): string =>
  text.replace(SAID, (said) => {
    const words = said.split(/\s/u);
    const name = words.slice(0, lengthOfName(words)).join(' ');
    return take() + said.slice(name.length);
  });
