import { describe, expect, it } from '@jest/globals';
import { getError } from '../../../test/support/domain-errors.js';
import type { DomainError } from '../../core/kernel/domain-error.js';
import { STATUSES, type AppointmentStatus } from './appointment-status.js';
import { Appointment } from './appointment.entity.js';

const START = new Date('2026-11-23T10:00:00Z');
const MINUTE = 60_000;
/** Minutes after the start. */
const after = (minutes: number): Date => new Date(START.getTime() + minutes * MINUTE);

const appointment = (fields: Partial<Appointment> = {}): Appointment =>
  Object.assign(new Appointment(), {
    ...{ id: 'id', version: 3, scheduleVersion: 1, doctorId: 'a', resourceIds: [], status: 'CONFIRMED' },
    ...{ startAt: START, endAt: after(30), updatedAt: after(-600) },
    ...{ checkedInAt: null, startedAt: null, completedAt: null, cancelledAt: null, clientConfirmedAt: null },
    ...fields,
  });

type Step = (visit: Appointment) => void;

/** Each step, the statuses in which it is allowed, and the status after it. All are tried at the planned start. */
const STEPS: [string, Step, AppointmentStatus[], AppointmentStatus | null][] = [
  ['confirm', (visit) => visit.confirm(START), ['PENDING'], 'CONFIRMED'],
  ['check in', (visit) => visit.checkIn(START, START.getTime()), ['CONFIRMED'], null],
  ['start', (visit) => visit.start(START), ['CONFIRMED'], 'IN_PROGRESS'],
  ['complete', (visit) => visit.complete(START), ['IN_PROGRESS'], 'COMPLETED'],
  ['mark as no-show', (visit) => visit.markNoShow(START), ['CONFIRMED'], 'NO_SHOW'],
  ['cancel', (visit) => visit.cancel(START, 'ill'), ['PENDING', 'CONFIRMED'], 'CANCELLED'],
  ['move', (visit) => visit.assertMovable(), ['PENDING', 'CONFIRMED'], null],
  ['confirm by the patient', (visit) => visit.confirmByClient(START), ['PENDING', 'CONFIRMED'], null],
  ['change by the patient', (visit) => visit.assertPatientMayChange(after(-1)), ['PENDING', 'CONFIRMED'], null],
  ['reinstate', (visit) => visit.assertReinstatable(), ['IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW'], null],
];

const CASES = STEPS.flatMap(([name, step, allowed, next]) =>
  STATUSES.map((status) => [name, status, allowed.includes(status), step, allowed, next] as const),
);

describe('a step', () => {
  it.each(CASES)('%s is allowed from %s: %s', (_, status, isAllowed, step, allowed, next) => {
    const visit = appointment({ status });
    const error = getError(() => step(visit));
    if (isAllowed) {
      expect(error).toBeUndefined();
      expect(visit.status).toBe(next ?? status);
    } else {
      expect(error).toMatchObject({ code: 'INVALID_TRANSITION', details: { from: status, allowedFrom: allowed } });
      expect(error?.message).toContain(`An appointment that is ${status} cannot be `);
      expect(visit).toEqual(appointment({ status }));
    }
  });

  it.each([
    ['confirm', (visit: Appointment) => visit.confirm(START), { status: 'PENDING' }, {}],
    ['check in', (visit: Appointment) => visit.checkIn(START, 0), {}, { checkedInAt: START }],
    ['start', (visit: Appointment) => visit.start(START), {}, { startedAt: START }],
    ['complete', (visit: Appointment) => visit.complete(START), { status: 'IN_PROGRESS' }, { completedAt: START }],
    ['no-show', (visit: Appointment) => visit.markNoShow(START), {}, {}],
    ['cancel', (visit: Appointment) => visit.cancel(START, 'ill'), {}, { cancelledAt: START, cancelReason: 'ill' }],
    ['confirm by the patient', (visit: Appointment) => visit.confirmByClient(START), {}, { clientConfirmedAt: START }],
  ] as const)('%s sets its time and the next version', (_, step, before, written) => {
    const visit = appointment(before);
    step(visit);
    expect(visit).toMatchObject({ ...written, version: 4, updatedAt: START });
  });
});

const toCodeAndDetails = (error: DomainError | undefined): object | undefined =>
  error && { code: error.code, details: error.details };

describe('too early', () => {
  const at =
    (step: (visit: Appointment, now: Date) => void, fields: Partial<Appointment> = {}) =>
    (now: Date): unknown =>
      toCodeAndDetails(getError(() => step(appointment(fields), now)));
  const tooEarly = (notBefore: Date): object => ({
    code: 'INVALID_TRANSITION',
    details: { reason: 'TOO_EARLY', notBefore: notBefore.toISOString() },
  });

  it('is a check-in before the given time', () => {
    const checkIn = at((visit, now) => visit.checkIn(now, after(-600).getTime()));
    expect(checkIn(new Date(after(-600).getTime() - 1))).toEqual(tooEarly(after(-600)));
    expect(checkIn(after(-600))).toBeUndefined();
  });

  it('is a start or completion more than half an hour before the planned start, without a check-in', () => {
    const start = at((visit, now) => visit.start(now));
    expect(start(after(-30))).toBeUndefined();
    expect(start(new Date(after(-30).getTime() - 1))).toEqual(tooEarly(after(-30)));
    expect(at((visit, now) => visit.start(now), { checkedInAt: after(-90) })(after(-60))).toBeUndefined();
    const complete = at((visit, now) => visit.complete(now), { status: 'IN_PROGRESS' });
    expect(complete(after(-30))).toBeUndefined();
    expect(complete(after(-31))).toEqual(tooEarly(after(-30)));
  });

  it('is a no-show before the planned start', () => {
    const markNoShow = at((visit, now) => visit.markNoShow(now));
    expect(markNoShow(new Date(START.getTime() - 1))).toEqual(tooEarly(START));
    expect(markNoShow(START)).toBeUndefined();
  });
});

describe('a patient', () => {
  it('may change a visit until the cut-off', () => {
    const check = (cutoff: number, now: number) =>
      getError(() => appointment().assertBeforeCutoff(cutoff, START.getTime() + now));
    expect(check(120, -120 * MINUTE)).toBeUndefined();
    expect(check(120, -120 * MINUTE + 1)).toMatchObject({
      code: 'CANCELLATION_TOO_LATE',
      details: { cancellationCutoffMinutes: 120 },
    });
    expect(check(0, 0)).toBeUndefined();
    expect(check(0, 1)?.code).toBe('CANCELLATION_TOO_LATE');
  });

  it('may not change a visit that has started', () => {
    const check = (now: Date) => toCodeAndDetails(getError(() => appointment().assertPatientMayChange(now)));
    expect(check(new Date(START.getTime() - 1))).toBeUndefined();
    expect(check(START)).toEqual({ code: 'INVALID_TRANSITION', details: { reason: 'PAST' } });
  });
});

describe('an undone step', () => {
  it.each([
    ['a check-in', { status: 'CONFIRMED', checkedInAt: START }, { checkedInAt: null }, 1],
    [
      'a start',
      { status: 'IN_PROGRESS', checkedInAt: START, startedAt: START },
      { checkedInAt: START, startedAt: null },
      1,
    ],
    [
      'a completion',
      { status: 'COMPLETED', startedAt: START, completedAt: START },
      { startedAt: START, completedAt: null },
      1,
    ],
    ['a no-show', { status: 'NO_SHOW', checkedInAt: START }, { checkedInAt: START }, 1],
    [
      'a cancellation, which plans the reminders again',
      { status: 'CANCELLED', cancelledAt: START, cancelReason: 'ill', checkedInAt: START },
      { cancelledAt: null, cancelReason: null, checkedInAt: START },
      4,
    ],
  ] as const)('is %s', (_, before, expected, scheduleVersion) => {
    const visit = appointment(before);
    visit.reinstate(after(5), 'CONFIRMED');
    expect(visit).toMatchObject({ ...expected, scheduleVersion, status: 'CONFIRMED', version: 4, updatedAt: after(5) });
  });

  it('may be a check-in', () => {
    expect(getError(() => appointment({ checkedInAt: START }).assertReinstatable())).toBeUndefined();
    expect(getError(() => appointment({ status: 'PENDING', checkedInAt: START }).assertReinstatable())?.code).toBe(
      'INVALID_TRANSITION',
    );
  });
});

describe('a move', () => {
  const moved = (start: Date, doctorId: string): Appointment => {
    const visit = appointment({ checkedInAt: after(-10), clientConfirmedAt: after(-90), videoUrl: 'https://a.test' });
    visit.moveTo({ start: start.getTime(), end: start.getTime() + 45 * MINUTE }, doctorId);
    return visit;
  };

  it('to another time resets the check-in and the confirmation, and plans reminders', () => {
    const visit = moved(after(60), 'a');
    expect(visit).toMatchObject({ startAt: after(60), endAt: after(105), doctorId: 'a', plannedMinutes: 45 });
    expect(visit).toMatchObject({ checkedInAt: null, clientConfirmedAt: null, scheduleVersion: 4 });
    expect(visit.videoUrl).toBe('https://a.test');
  });

  it('to another doctor keeps the check-in, and removes the link to the room of the previous doctor', () => {
    expect(moved(START, 'b')).toMatchObject({
      ...{ doctorId: 'b', checkedInAt: after(-10), clientConfirmedAt: null, scheduleVersion: 4, videoUrl: null },
    });
  });

  it('to the same time and doctor changes only the end', () => {
    expect(moved(START, 'a')).toMatchObject({
      ...{ endAt: after(45), checkedInAt: after(-10), clientConfirmedAt: after(-90), scheduleVersion: 1 },
      videoUrl: 'https://a.test',
    });
  });

  it('that the clinic must confirm resets the check-in', () => {
    const visit = appointment({ checkedInAt: START });
    visit.awaitConfirmation();
    expect(visit).toMatchObject({ status: 'PENDING', checkedInAt: null, version: 3 });
  });
});

it('a copy does not change with the appointment', () => {
  const visit = appointment();
  const copy = visit.copy();
  visit.cancel(START, null);
  expect(copy).toEqual(appointment());
  expect(copy).toBeInstanceOf(Appointment);
});
