/** Variants of Arabic letters with the letter that people type for them. */
const ARABIC_VARIANTS: Record<string, string> = { أ: 'ا', إ: 'ا', آ: 'ا', ٱ: 'ا', ى: 'ي', ة: 'ه', ؤ: 'و', ئ: 'ي' };

/** Normalises letters to compare words with STOP_WORDS; SQL's search_fold does the rest. Devanagari keeps its vowel signs. */
const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u064B-\u065F\u0670\u0640]/g, '')
    .replace(/[أإآٱىةؤئ]/g, (letter) => ARABIC_VARIANTS[letter] ?? letter);

/** Frequent words that do not describe the subject. */
const STOP_WORDS = new Set(
  fold(
    [
      'the and you your yours for can how what when where which who why does did are was were will would could should',
      'with from that this there have has had may not get got want need please about into any some him her his they them',
      'إلى على عن من في هل ما ماذا كيف متى اين لماذا انا انت هو هي نحن ان لي لو هذا هذه ذلك التي الذي كان مع عند عايز اريد يمكن يمكنني ممكن',
      'है हैं हो का की के को में से पर मैं मुझे मेरा मेरी मेरे आप आपका क्या कैसे कब कहाँ कहां क्यों और या यह वह तो ही भी कर',
      'करें करना सकता सकती सकते हूँ हूं था थी लिए एक नहीं होगा चाहिए',
      'kya kaise kab kahan kyun hai hain mein main mujhe mera meri aap karna karein sakta sakti nahi chahiye',
    ].join(' '),
  ).split(' '),
);
const MAX_WORDS = 24;
const ARABIC_ARTICLE = /^(?:وال|بال|فال|كال|لل|ال)(?=.{3})/u;

/** A simple stem: without up to three last letters, so that `cancelled` matches `cancel` and `booking` matches `book`. */
const toPrefix = (word: string): string => word.slice(0, Math.max(4, word.length - 3));

/** For each word of a text, without stop words: the prefixes to search for. Arabic words have two, without and with the article. */
export function toSearchPrefixes(text: string): string[][] {
  const words = (fold(text).match(/[\p{L}\p{M}\p{N}]{3,}/gu) ?? []).filter((word) => !STOP_WORDS.has(word));
  const stems = [...new Set(words)].slice(0, MAX_WORDS).map((word) => toPrefix(word.replace(ARABIC_ARTICLE, '')));
  return [...new Set(stems)].map(withArticle);
}

const withArticle = (word: string): string[] => (/\p{Script=Arabic}/u.test(word) ? [word, `ال${word}`] : [word]);
