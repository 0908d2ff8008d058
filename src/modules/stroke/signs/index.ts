export { findSigns, type FoundSigns } from './find-signs.js';
export { textShowsSign } from './search-text.js';
export { yesOrNo } from './words.js';
