const LOCAL_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const MIDNIGHT = '24:00';

/** HH:mm; as an end also 24:00, which is midnight. */
export const isLocalTime = (value: unknown, asEnd = false): value is string =>
  typeof value === 'string' && (LOCAL_TIME.test(value) || (asEnd && value === MIDNIGHT));

/** Minutes of the day, 0 to 1440. */
export function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

export const localTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
