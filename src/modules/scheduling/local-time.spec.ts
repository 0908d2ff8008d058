import { describe, expect, it } from '@jest/globals';
import { isEndTime, isLocalTime, toLocalTime, toMinutes } from './local-time.js';

describe('local time', () => {
  it('formats and parses every minute of the day, including midnight at the end', () => {
    for (let minute = 0; minute <= 1440; minute += 1) {
      const time = toLocalTime(minute);
      expect(toMinutes(time)).toBe(minute);
      expect(isEndTime(time)).toBe(true);
      expect(isLocalTime(time)).toBe(minute < 1440);
    }
  });

  it.each(['9:00', '09:60', '24:01', '25:00', '09:00:00', ' 09:00', '09:00\n', '', '٠٩:٠٠', 900, null, undefined])(
    'does not accept %p as a time',
    (value) => expect(isEndTime(value)).toBe(false),
  );
});
