/** The names of Latin letters in Devanagari, as alternatives of a regular expression. */
export const SPELLED_LETTERS = 'ए|बी|सी|डी|ई|एफ|जी|एच|आई|जे|के|एल|एम|एन|ओ|पी|क्यू|आर|एस|टी|यू|वी|डब्ल्यू|एक्स|वाई|जेड';
