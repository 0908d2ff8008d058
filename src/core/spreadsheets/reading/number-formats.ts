/** The built-in formats of dates and times (ECMA-376, 18.8.30), also of East Asian versions. */
const BUILT_IN_RANGES = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
] as const;

/** Texts, escaped characters, padding, colours, conditions and languages. `[h]` is a time. */
const LITERALS = /"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]/gi;

/** Whether numbers of a format are shown as dates or times. @param code the format of the file with this id */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return BUILT_IN_RANGES.some(([first, last]) => id >= first && id <= last);
  // The first section is for positive numbers.
  const [section = ''] = code.replace(LITERALS, '').split(';');
  return !/general/i.test(section) && /[dmyhs]/i.test(section.replace(/e[+-]/gi, ''));
}
