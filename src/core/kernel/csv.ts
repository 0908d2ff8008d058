/** Spreadsheets run cells that begin with these as formulas (OWASP, "CSV Injection"). */
const FORMULA = /^\s*[=+\-@|\t\r\uFF0B\uFF0D\uFF1D\uFF20]/;

/**
 * A CSV file (RFC 4180) that spreadsheets open safely: with a byte order mark, so that they read it as UTF-8, and an apostrophe before
 * texts that they would run as formulas.
 */
export const toCsv = (rows: readonly (readonly (string | null)[])[]): string =>
  `\uFEFF${rows.map((row) => `${row.map(toCell).join(',')}\r\n`).join('')}`;

function toCell(text: string | null): string {
  if (text === null) return '';
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}
