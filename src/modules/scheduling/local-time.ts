const LOCAL_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Whether a value is a time HH:mm, up to 23:59. */
export const isLocalTime = (value: unknown): value is string => typeof value === 'string' && LOCAL_TIME.test(value);

/** Whether a value is a time HH:mm at which hours may end, up to 24:00 (midnight). */
export const isEndTime = (value: unknown): value is string => value === '24:00' || isLocalTime(value);

/** The minutes since midnight, 0 to 1440. */
export function toMinutes(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

export const toLocalTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
