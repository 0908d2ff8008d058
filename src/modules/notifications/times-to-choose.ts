import type { PatientTimes } from '../appointments/index.js';
import type { TimesToChoose } from './link-pages.js';
import { negotiate } from './templates/locales.js';
import { formatDay, formatHour } from './templates/time-format.js';
import { TIME_WORDS } from './time-page-words.js';

/** What the links of the page itself choose. */
export interface TimesQuery {
  /** The first local day. */
  from?: string;
  isAnyDoctor: boolean;
}

interface Options extends TimesQuery {
  locale: string;
  timeZone: string;
  /** Whether the patient may take another doctor. */
  mayChooseDoctor: boolean;
}

/** Formats free times for the page, with links to later times and to those of other doctors. */
export function toTimesToChoose({ days, nextDay }: PatientTimes, options: Options): TimesToChoose {
  const { from, isAnyDoctor, mayChooseDoctor, timeZone } = options;
  const locale = negotiate(options.locale);
  const words = TIME_WORDS[locale.language];
  const doctor = isAnyDoctor ? '&doctor=any' : '';
  const links: [string | false | null, string][] = [
    [nextDay && `?from=${nextDay}${doctor}`, words.later],
    [from !== undefined && `?${doctor.slice(1)}`, words.fromToday],
    [mayChooseDoctor && !isAnyDoctor && '?doctor=any', words.anyDoctor],
    [mayChooseDoctor && isAnyDoctor && '?', words.sameDoctor],
  ];
  return {
    days: days.map(({ starts }) => {
      const first = starts[0] ?? 0;
      const times = starts.map((start) => ({
        value: new Date(start).toISOString(),
        label: formatHour(start, timeZone, locale, first),
      }));
      return { heading: formatDay(first, timeZone, locale), times };
    }),
    links: links.flatMap(([query, label]) => (query ? [{ query, label }] : [])),
  };
}
