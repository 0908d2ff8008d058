/**
 * Spreadsheets run cells that begin with these as formulas (OWASP, "CSV Injection"), also after spaces. Some drop control characters
 * at the start, and some read the full-width forms like the others.
 */
const FORMULA = /^[\s\0]*[=+\-@|\t\r\0\uFF0B\uFF0D\uFF1D\uFF20]/;

/** Whether a spreadsheet could take a text for a formula. */
export const looksLikeFormula = (text: string): boolean => FORMULA.test(text);
