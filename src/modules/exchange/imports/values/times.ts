import { plainText } from '../../../../core/kernel/plain-text.js';

const TIME = /^(\d{1,2})(?:[:.hH٫](\d{2}))?(?::\d{2}(?:\.\d+)?)? ?(.*)$/;
const MORNING = /^(?:a\.? ?m\.?|ص|صباحا|صباحًا|पूर्वाह्न|सुबह)$/i;
const AFTERNOON = /^(?:p\.? ?m\.?|م|مساء|مساءً|अपराह्न|शाम|दोपहर)$/i;
/** `09:30 h`, `9 Uhr`. */
const UNIT = /^(?:h|hrs|uhr|heures?)?$/i;

/** Reads a time of day of 12 or 24 hours in any script. @returns such as `09:30`; `24:00` for the end of a day; null if it is no time */
export function parseTime(typed: string): string | null {
  const match = TIME.exec(plainText(typed));
  if (!match) return null;
  const [, hours = '', minutes, suffix = ''] = match;
  // A number alone could be anything.
  if (minutes === undefined && suffix === '') return null;
  const hour = toHour(Number(hours), suffix.trim());
  const minute = Number(minutes ?? 0);
  if (hour === null || minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

function toHour(hour: number, suffix: string): number | null {
  const isMorning = MORNING.test(suffix);
  if (!isMorning && !AFTERNOON.test(suffix)) return UNIT.test(suffix) ? hour : null;
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (isMorning ? 0 : 12);
}

export interface LocalDateTimeText {
  day: string;
  time: string;
}

/** Splits `23/11/2026 9:30 AM` into its day and its time. Null without a time. */
export function splitDateTime(typed: string): LocalDateTimeText | null {
  const text = plainText(typed);
  const match = /^(.*?\d{4}|\d{4}\D\d{1,2}\D\d{1,2})(?:T|,? +(?:at +|um +|à +)?)(\d{1,2}[:.h].*)$/.exec(text);
  return match ? { day: match[1] ?? '', time: match[2] ?? '' } : null;
}
