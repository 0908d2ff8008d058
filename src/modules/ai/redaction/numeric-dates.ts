import type { RedactionRule } from './rules.js';

const OTHER_MONTHS =
  'يناير|فبراير|مارس|[أا]بريل|مايو|يونيو|يوليو|[أا]غسطس|سبتمبر|[أا]كتوبر|نوفمبر|ديسمبر|' +
  'जनवरी|फ़?रवरी|फरवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर';
/** English months by their first three letters. For Arabic and Hindi, dates.ts has more names. */
const MONTH = `(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|${OTHER_MONTHS}`;
/** English months, in full or abbreviated, before years of two digits. */
const WHOLE_MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])';
const DAY = '(?<!\\d)\\d{1,2}(?:st|nd|rd|th)?[\\s\\-/.]{0,2}(?:of\\s+)?';
/** A year of the Gregorian or the Hijri calendar. */
const YEAR = '(?:1[3-9]|20)\\d{2}(?!\\d)';
const DATE_SEPARATOR = "[-/.\\\\'\\s年月]{1,3}";

/** Dates with a year in figures, and years of birth. Applied in this order to text with ASCII digits, after DATE_RULES. */
export const NUMERIC_DATE_RULES: readonly RedactionRule[] = [
  ['date', new RegExp(`(?<!\\d)(?:1[3-9]|20)\\d{2}${DATE_SEPARATOR}\\d{1,2}${DATE_SEPARATOR}\\d{1,2}(?!\\d)日?`, 'gu')],
  ['date', new RegExp(`(?<!\\d)\\d{1,2}${DATE_SEPARATOR}\\d{1,2}${DATE_SEPARATOR}${YEAR}`, 'gu')],
  ['date', /\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2}\b/gu],
  ['date', /\b\d{1,2}[-/. ](?:i{1,3}|iv|vi{0,3}|ix|xi{0,2})[-/. ](?:19|20)\d{2}\b/giu],
  ['date', new RegExp(`${DAY}(?:${MONTH})[\\s\\-/.,]{0,2}${YEAR}`, 'giu')],
  ['date', new RegExp(`${DAY}${WHOLE_MONTH}[\\s\\-/.,]{1,2}['’]?\\d{2}(?!\\d)`, 'giu')],
  ['date', new RegExp(`(?<!\\d)${YEAR}[\\s\\-/.,]{1,2}(?:${MONTH})[\\s\\-/.,]{1,2}\\d{1,2}(?!\\d)`, 'giu')],
  ['date', new RegExp(`(?:${MONTH})\\s+\\d{1,2}(?:st|nd|rd|th)?[\\s,]+${YEAR}`, 'giu')],
  [
    'date',
    /(?<!\d)(?:(?:19|20)\d{2}|\d{6})(?!\d)(?<=(?:born|dob|birth\w{0,5}|مولود\p{L}?|مواليد|ولدت|ميلاد\p{L}{0,3}|जन्म)[^\d\n]{0,20}\d{4,6})/giu,
  ],
];
