/** The start and the end of a word or number, as parts of a regular expression with the flag `u`. */
export const START = '(?<![\\p{L}\\p{M}\\p{N}])';
export const END = '(?![\\p{L}\\p{M}\\p{N}])';
