export { findSigns } from './find-signs.js';
export { textShowsSign, unescaped } from './search-text.js';
export { numberIn, yesOrNo } from './words.js';
