import { describe, expect, test } from '@jest/globals';
import { Zone } from '../../core/kernel/zone.js';
import type { Delivery } from './deliveries.repository.js';
import { deliverability, quietUntil, retryDelaySeconds, staleReason } from './deliverability.js';
import type { Preferences } from './notification-preference.entity.js';

const at = (iso: string): number => Date.parse(iso);
const cairo = Zone.of('Africa/Cairo');

describe('quiet hours', () => {
  const preferences: Preferences = { channels: {}, quietHours: { start: 22 * 60, end: 7 * 60 } };

  test('delay SMS and push until the morning in the user’s time zone', () => {
    // Cairo is at +02:00 in winter.
    expect(quietUntil(preferences, 'SMS', cairo, at('2026-12-01T21:30:00Z'), null)).toBe(at('2026-12-02T05:00:00Z'));
    expect(quietUntil(preferences, 'PUSH', cairo, at('2026-12-02T01:00:00Z'), null)).toBe(at('2026-12-02T05:00:00Z'));
  });

  test('end in the morning, and never delay e-mail and the inbox', () => {
    expect(quietUntil(preferences, 'SMS', cairo, at('2026-12-02T05:00:00Z'), null)).toBeNull();
    expect(quietUntil(preferences, 'EMAIL', cairo, at('2026-12-01T21:30:00Z'), null)).toBeNull();
    expect(quietUntil(preferences, 'IN_APP', cairo, at('2026-12-01T21:30:00Z'), null)).toBeNull();
  });

  test('do not delay a message that would then arrive too late for the appointment', () => {
    const visit = at('2026-12-02T05:30:00Z');
    expect(quietUntil(preferences, 'SMS', cairo, at('2026-12-02T03:30:00Z'), visit)).toBeNull();
  });

  test('do not delay an offer that ends before the morning', () => {
    const offer = {
      ...{ kind: 'WAITLIST_OFFER', channel: 'SMS', attempts: 1, preferences, timeZone: 'Africa/Cairo', version: 1 },
      ...{ hasTrustedAddress: true, appointmentId: null, now: new Date('2026-12-01T21:00:00Z') },
    } as unknown as Delivery;
    const until = (offerExpiresAt: string | null): unknown =>
      deliverability(
        { ...offer, offerExpiresAt: offerExpiresAt === null ? null : new Date(offerExpiresAt) },
        undefined,
      );
    expect(until('2026-12-01T22:00:00Z')).toBeNull();
    expect(until('2026-12-02T09:00:00Z')).toEqual({ state: 'POSTPONED', until: at('2026-12-02T05:00:00Z') });
    expect(until(null)).toEqual({ state: 'SKIPPED', reason: 'OFFER_OVER' });
  });

  test('may start and end on the same day', () => {
    const noon: Preferences = { channels: {}, quietHours: { start: 12 * 60, end: 14 * 60 } };
    expect(quietUntil(noon, 'SMS', cairo, at('2026-12-02T10:30:00Z'), null)).toBe(at('2026-12-02T12:00:00Z'));
    expect(quietUntil(noon, 'SMS', cairo, at('2026-12-02T12:00:00Z'), null)).toBeNull();
  });

  test('end at the clock change if their end is in the skipped hour', () => {
    const early: Preferences = { channels: {}, quietHours: { start: 22 * 60, end: 2 * 60 + 30 } };
    const newYork = Zone.of('America/New_York');
    expect(quietUntil(early, 'SMS', newYork, at('2026-03-08T06:30:00Z'), null)).toBe(at('2026-03-08T07:00:00Z'));
  });

  test('end at the first occurrence if their end is in the hour that the clock change repeats', () => {
    const early: Preferences = { channels: {}, quietHours: { start: 22 * 60, end: 60 + 30 } };
    const newYork = Zone.of('America/New_York');
    expect(quietUntil(early, 'SMS', newYork, at('2026-11-01T05:10:00Z'), null)).toBe(at('2026-11-01T05:30:00Z'));
    // 01:10 for the second time.
    expect(quietUntil(early, 'SMS', newYork, at('2026-11-01T06:10:00Z'), null)).toBeNull();
  });

  test.each([
    ['Asia/Kolkata', '2026-12-01T17:00:00Z', '2026-12-02T01:30:00Z'],
    ['Pacific/Kiritimati', '2026-12-01T09:00:00Z', '2026-12-01T17:00:00Z'],
    ['Pacific/Pago_Pago', '2026-12-01T10:00:00Z', '2026-12-01T18:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T14:00:00Z', '2026-10-03T20:00:00Z'],
  ])('end at seven o’clock in %s', (zone, now, end) => {
    expect(quietUntil(preferences, 'PUSH', Zone.of(zone), at(now), null)).toBe(at(end));
  });

  test('end in the future and within 25 hours, for any zone, hours and instant', () => {
    let delayed = 0;
    for (const name of ['America/New_York', 'Africa/Cairo', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Beirut']) {
      const zone = Zone.of(name);
      for (let now = at('2026-03-01T00:00:00Z'); now < at('2027-03-01T00:00:00Z'); now += 7 * 60 * 60_000 + 1_234) {
        const minute = Math.floor(now / 60_000) % 1_440;
        const quietHours = { start: minute, end: (minute * 7) % 1_440 };
        const until = quietUntil({ channels: {}, quietHours }, 'SMS', zone, now, null);
        if (until === null) continue;
        delayed += 1;
        expect(until).toBeGreaterThan(now);
        expect(until - now).toBeLessThan(25 * 60 * 60_000);
      }
    }
    expect(delayed).toBeGreaterThan(1_000);
  });
});

describe('a planned message', () => {
  const now = at('2026-12-01T08:00:00Z');
  const visit = { status: 'CONFIRMED', scheduleVersion: 2, startAt: new Date('2026-12-02T08:00:00Z') };

  test('is sent if its appointment has not changed', () => {
    expect(staleReason({ kind: 'APPOINTMENT_REMINDER', version: 2 }, visit, now)).toBeNull();
    expect(staleReason({ kind: 'APPOINTMENT_CONFIRMED', version: 3 }, visit, now)).toBeNull();
    expect(staleReason({ kind: 'MESSAGE_FROM_CLINIC', version: 0 }, undefined, now)).toBeNull();
  });

  test.each([
    ['moved', { ...visit, scheduleVersion: 3 }, 'MOVED'],
    ['cancelled', { ...visit, status: 'CANCELLED' }, 'NOT_UPCOMING'],
    ['already started', { ...visit, startAt: new Date(now) }, 'VISIT_PAST'],
    ['deleted', undefined, 'APPOINTMENT_GONE'],
  ])('is not sent if its appointment is %s', (_, appointment, reason) => {
    expect(staleReason({ kind: 'APPOINTMENT_REMINDER', version: 2 }, appointment, now)).toBe(reason);
  });

  test('that reports a cancellation is sent only if the appointment is still cancelled', () => {
    expect(staleReason({ kind: 'APPOINTMENT_CANCELLED', version: 3 }, visit, now)).toBe('NOT_CANCELLED');
    expect(
      staleReason({ kind: 'APPOINTMENT_CANCELLED', version: 3 }, { ...visit, status: 'CANCELLED' }, now),
    ).toBeNull();
  });
});

test('the delay of retries doubles up to an hour, with jitter, and is at least what the provider asked for', () => {
  expect(retryDelaySeconds(1, undefined, () => 0)).toBe(1);
  expect(retryDelaySeconds(1, undefined, () => 1)).toBe(2);
  expect(retryDelaySeconds(4, undefined, () => 1)).toBe(16);
  expect(retryDelaySeconds(30, undefined, () => 1)).toBe(3600);
  expect(retryDelaySeconds(1, 90, () => 1)).toBe(90);
});
