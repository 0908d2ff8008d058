const LOCAL_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const MIDNIGHT = '24:00';

/** Whether a value is a time HH:mm; an end may also be 24:00 (midnight). */
export const isLocalTime = (value: unknown, asEnd = false): value is string =>
  typeof value === 'string' && (LOCAL_TIME.test(value) || (asEnd && value === MIDNIGHT));

/** The minutes since midnight, 0 to 1440. */
export function toMinutes(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

export const toLocalTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
