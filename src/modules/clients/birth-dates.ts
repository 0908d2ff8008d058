import { Temporal } from 'temporal-polyfill';
import { isLocalDay } from '../../core/http/instants.js';
import { LANGUAGES } from '../../core/kernel/locale.js';
import { plainText } from '../../core/kernel/plain-text.js';

const MONTHS = LANGUAGES.flatMap((language) =>
  (['long', 'short'] as const).map((month) => monthNames(language, month)),
);

/**
 * Parses a date of birth. Returns the possible days as YYYY-MM-DD; empty if the text is not a date. Dates with the year first,
 * with dots (day first) or with a month name have one meaning. With slashes or dashes, both orders of day and month count.
 */
export function parseBirthDates(typed: string): string[] {
  const text = plainText(typed).toLowerCase();
  const ymd = /^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (ymd) return days([ymd[1], ymd[2], ymd[3]]);
  const dotted = /^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})$/.exec(text);
  if (dotted) return days([dotted[3], dotted[2], dotted[1]]);
  const ordered = /^(\d{1,2})[-/ ](\d{1,2})[-/ ](\d{4})$/.exec(text);
  if (ordered) return days([ordered[3], ordered[2], ordered[1]], [ordered[3], ordered[1], ordered[2]]);
  return parseMonthName(text);
}

/** Parses `2 April 1988`, `April 2, 1988` and `2-Apr-1988`. */
function parseMonthName(text: string): string[] {
  const parts = text.split(/[\s,،./-]+/).filter(Boolean);
  if (parts.length !== 3) return [];
  const year = parts.find((part) => /^\d{4}$/.test(part));
  const day = parts.find((part) => /^\d{1,2}(?:st|nd|rd|th)?$/.test(part));
  const name = parts.find((part) => part !== year && part !== day);
  const month = name === undefined ? -1 : MONTHS.map((names) => names.indexOf(name)).find((index) => index >= 0);
  return month === undefined || month < 0 ? [] : days([year, String(month + 1), day?.replace(/\D+$/, '')]);
}

function days(...candidates: (string | undefined)[][]): string[] {
  const found = candidates.map(([year, month, day]) => `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`);
  return [...new Set(found.filter(isLocalDay))];
}

function monthNames(language: string, month: 'long' | 'short'): string[] {
  return Array.from({ length: 12 }, (_, index) =>
    new Temporal.PlainDate(2000, index + 1, 1).toLocaleString(language, { month }).toLowerCase(),
  );
}
