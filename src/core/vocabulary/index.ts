export { ARABIC_WORDS } from './arabic-words.js';
export { ENGLISH_WORDS } from './english-words.js';
export { HINDI_WORDS } from './hindi-words.js';
export { ROMANIZED_WORDS } from './romanized-words.js';
