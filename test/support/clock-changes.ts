const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The next local day, two days ahead or later, on which the clocks of the zone go forward, and the day before it. */
export function nextShortDay(timeZone: string): { before: string; day: string } {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const toDay = (instant: number): string => format.format(instant);
  const offset = (instant: number): number => {
    const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(instant);
    const [, sign = '+', hours = '0', minutes = '0'] =
      /GMT([+-])(\d+):(\d+)/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? [];
    return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  };
  const from = Date.parse(`${toDay(Date.now() + 2 * DAY)}T12:00:00Z`);
  for (let noon = from; noon < from + 400 * DAY; noon += DAY) {
    if (offset(noon) > offset(noon - DAY)) return { before: toDay(noon - DAY), day: toDay(noon) };
  }
  throw new Error(`the clocks of ${timeZone} do not go forward within 400 days`);
}
