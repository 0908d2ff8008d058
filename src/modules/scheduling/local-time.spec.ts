import { describe, expect, it } from '@jest/globals';
import { isLocalTime, localTime, minuteOf } from './local-time.js';

describe('local time', () => {
  it('gives every minute of the day back, midnight at its end included', () => {
    for (let minute = 0; minute <= 1440; minute += 1) {
      const time = localTime(minute);
      expect(minuteOf(time)).toBe(minute);
      expect(isLocalTime(time, true)).toBe(true);
      expect(isLocalTime(time)).toBe(minute < 1440);
    }
  });

  it.each(['9:00', '09:60', '24:01', '25:00', '09:00:00', ' 09:00', '09:00\n', '', '٠٩:٠٠', 900, null, undefined])(
    'does not take %p for a time',
    (value) => expect(isLocalTime(value, true)).toBe(false),
  );
});
