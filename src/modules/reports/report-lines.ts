import { getLanguage, languageTag, type Language } from '../../core/kernel/locale.js';
import { minorDigits } from '../../core/kernel/money.js';
import { VISIT_COUNTS } from './day-figures.js';
import { REPORT_WORDS, type ReportWords } from './report-words.js';
import type { ComparedOrNoneView, DailyReportView } from './reports.dto.js';

/** A figure of a report with its name. */
export interface ReportLine {
  label: string;
  figure: ComparedOrNoneView;
  /** Of an amount in minor units. */
  currency?: string;
  isPercent?: boolean;
}

/** The language of a reader, and how they write numbers and days. */
export interface ReportLocale {
  language: Language;
  tag: string;
  words: ReportWords;
}

export function toReportLocale(locale: string): ReportLocale {
  const language = getLanguage(locale);
  const tag = languageTag(locale);
  return { language, tag: tag?.startsWith(language) ? tag : language, words: REPORT_WORDS[language] };
}

/** The figures of the whole clinic, in the order in which they are shown. */
export function toLines({ visits, utilisation, waiting, revenue }: DailyReportView, words: ReportWords): ReportLine[] {
  return [
    ...VISIT_COUNTS.map((name) => ({ label: words.visits[name], figure: visits[name] })),
    { label: words.utilisation, figure: utilisation.utilisationPercent, isPercent: true },
    { label: words.bookedMinutes, figure: utilisation.bookedMinutes },
    { label: words.availableMinutes, figure: utilisation.availableMinutes },
    { label: words.medianMinutes, figure: waiting.medianMinutes },
    { label: words.longestMinutes, figure: waiting.longestMinutes },
    { label: words.waitingVisits, figure: waiting.visits },
    ...revenue.flatMap(({ currency, ...amounts }) =>
      AMOUNTS.map((name) => ({ label: `${words[name]} (${currency})`, figure: amounts[name], currency })),
    ),
  ];
}

/** The figures as texts: value, the week before, change. A dash where there was nothing to measure. */
export function formatLine(
  { figure, currency, isPercent }: ReportLine,
  { tag }: ReportLocale,
): [string, string, string] {
  const digits = currency ? minorDigits(currency) : 0;
  const options = currency
    ? { minimumFractionDigits: digits, maximumFractionDigits: digits }
    : { maximumFractionDigits: 1 };
  const write = (value: number | null, more: Intl.NumberFormatOptions = {}, divisor = 10 ** digits): string =>
    value === null ? '–' : new Intl.NumberFormat(tag, { ...options, ...more }).format(value / divisor);
  const plain = (value: number | null): string => (isPercent ? write(value, { style: 'percent' }, 100) : write(value));
  // The difference of percentages is in points, so it has no percent sign.
  return [plain(figure.value), plain(figure.previous), write(figure.change, { signDisplay: 'exceptZero' })];
}

const AMOUNTS = ['captured', 'refunded', 'net', 'completedVisits'] as const;

/** The local day with its weekday. The day has no time: UTC keeps it. */
export const formatDay = (day: string, { tag }: ReportLocale): string =>
  new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeZone: 'UTC', calendar: 'gregory' }).format(Date.parse(day));
