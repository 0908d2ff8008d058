/** `A` for 0, `AA` for 26. */
export const toColumnLetters = (column: number): string =>
  column < 26
    ? String.fromCharCode(65 + column)
    : toColumnLetters(Math.floor(column / 26) - 1) + String.fromCharCode(65 + (column % 26));

/** 0 for `A`, 26 for `AA`. */
export function toColumnNumber(letters: string): number {
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}
