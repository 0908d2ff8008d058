import { describe, expect, it } from '@jest/globals';
import { actor } from '../../../test/support/actors.js';
import { at, bookingRules, daily, doctor, room } from '../../../test/support/booking-rules.js';
import { getError } from '../../../test/support/domain-errors.js';
import {
  assertBookable,
  assertMayOverride,
  getBookable,
  primaryConflict,
  reservationsFor,
  resolveSlot,
  resolveSlots,
  toStart,
  type RequestedSlot,
  type ReservedRange,
} from './requested-slot.js';

const PATIENT = actor('CLIENT');
const STAFF = actor('STAFF');
const request = { doctorId: 'a', startDateTime: '2026-11-23T10:00:00Z' };

const rules = bookingRules({
  minimumNoticeMinutes: 60,
  horizonDays: 2,
  deskMinimumNoticeMinutes: 0,
  bufferBeforeMinutes: 10,
  bufferAfterMinutes: 5,
  requiredResourceKinds: ['ROOM', 'ROOM'],
  resources: [doctor('a'), doctor('b', daily('14:00-16:00')), room('r'), room('s'), room('d', 'DEVICE')],
});

describe('a requested slot', () => {
  it('is resolved to the doctor, start and rooms, by ids in any case and given twice', () => {
    const slot = resolveSlot(PATIENT, rules, { ...request, doctorId: 'A', resourceIds: ['R', 'r', 's'] });
    expect(slot).toMatchObject({
      serviceId: 'service',
      doctorId: 'a',
      start: at('2026-11-23T10:00Z'),
      resourceIds: ['r', 's'],
      isForDesk: false,
      overrideHours: false,
    });
    expect(slot.doctor.id).toBe('a-time');
    expect(slot.rules).toBe(rules);
    expect(resolveSlot(PATIENT, rules, request).resourceIds).toEqual([]);
  });

  it.each(['DOCTOR', 'STAFF', 'MANAGER', 'ADMIN'] as const)('has the rules of the front desk for %s', (role) => {
    const slot = resolveSlot({ role }, rules, { ...request, overrideHours: true });
    expect(slot).toMatchObject({ isForDesk: true, overrideHours: true });
    expect(slot.rules).toBe(rules.forDesk);
  });

  it('is refused for a doctor who does not provide the service', () => {
    expect(getError(() => resolveSlot(PATIENT, rules, { ...request, doctorId: 'c' }))).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'doctorId' }],
    });
  });

  it.each([[['d']], [['unknown']], [['r', 'a-time']]])('is refused for what the service does not need: %j', (ids) => {
    expect(getError(() => resolveSlot(PATIENT, rules, { ...request, resourceIds: ids }))).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'resourceIds' }],
    });
  });

  it('without a doctor is a slot of each doctor', () => {
    const { startDateTime } = request;
    expect(resolveSlots(PATIENT, rules, { startDateTime, resourceIds: ['s'] })).toMatchObject([
      { doctorId: 'a', resourceIds: ['s'] },
      { doctorId: 'b', resourceIds: ['s'] },
    ]);
    expect(resolveSlots(PATIENT, rules, { ...request, doctorId: 'b' }).map(({ doctorId }) => doctorId)).toEqual(['b']);
    const nobody = bookingRules({ resources: [room('r')] });
    expect(getError(() => resolveSlots(PATIENT, nobody, { startDateTime }))).toMatchObject({
      code: 'SLOT_NOT_OFFERED',
      details: { reason: 'OUTSIDE_WORKING_HOURS' },
    });
  });

  it.each([
    ['2026-11-23T10:00:59.999Z', false, '2026-11-23T10:00:59.999Z'],
    ['2026-11-23T10:00:59.999Z', true, '2026-11-23T10:00:00.000Z'],
    ['2026-11-23T10:00:00+05:30', true, '2026-11-23T04:30:00.000Z'],
  ])('at %s, with an override: %s, starts at %s', (startDateTime, overrideHours, start) => {
    expect(new Date(toStart({ startDateTime, overrideHours })).toISOString()).toBe(start);
  });
});

describe('an override of the hours', () => {
  const refusal = (
    role: Parameters<typeof actor>[0],
    body: Parameters<typeof assertMayOverride>[2],
    clinicIds?: string[],
  ) => getError(() => assertMayOverride(actor(role, clinicIds && { clinicIds }), rules, body))?.code;

  it.each([
    ['STAFF', undefined],
    ['MANAGER', undefined],
    ['ADMIN', undefined],
    ['DOCTOR', 'FORBIDDEN'],
    ['CLIENT', 'FORBIDDEN'],
  ] as const)('by %s: %s', (role, code) => {
    expect(refusal(role, { overrideHours: true })).toBe(code);
    expect(refusal(role, { overrideHours: true, overrideReason: 'walk-in' })).toBe(code);
    expect(refusal(role, { overrideHours: false })).toBeUndefined();
    expect(refusal(role, {})).toBeUndefined();
  });

  it('is refused for the staff of another clinic', () => {
    expect(refusal('STAFF', { overrideHours: true }, ['other'])).toBe('FORBIDDEN');
  });

  it('must be given if there is a reason for it', () => {
    expect(refusal('STAFF', { overrideReason: 'walk-in' })).toBe('VALIDATION_ERROR');
    expect(refusal('STAFF', { overrideReason: '', overrideHours: false })).toBe('VALIDATION_ERROR');
    expect(getError(() => assertMayOverride(STAFF, rules, { overrideReason: 'x' }))?.details).toMatchObject([
      { field: 'overrideReason' },
    ]);
  });
});

describe('whether a slot is bookable', () => {
  const NOW = at('2026-11-23T09:00Z');
  const reason = (startDateTime: string, who = PATIENT, overrideHours = false): unknown =>
    getError(() => assertBookable(resolveSlot(who, rules, { ...request, startDateTime, overrideHours }), NOW))?.details;

  it.each([
    ['2026-11-23T09:30:00Z', { reason: 'INSIDE_NOTICE' }],
    ['2026-11-23T10:00:00Z', undefined],
    ['2026-11-23T10:01:00Z', { reason: 'OFF_GRID' }],
    ['2026-11-23T12:00:00Z', { reason: 'OUTSIDE_WORKING_HOURS' }],
    ['2026-11-26T09:00:00Z', { reason: 'PAST_HORIZON' }],
  ])('for a patient, at %s: %j', (startDateTime, details) => {
    expect(reason(startDateTime)).toEqual(details);
  });

  it('depends on the rules of the front desk for the front desk, and on nothing with an override', () => {
    expect(reason('2026-11-23T09:00:00Z', STAFF)).toBeUndefined();
    expect(reason('2026-11-23T20:00:00Z', STAFF)).toEqual({ reason: 'OUTSIDE_WORKING_HOURS' });
    expect(reason('2026-11-23T20:00:00Z', STAFF, true)).toBeUndefined();
  });

  it('is decided for each of several doctors', () => {
    const slots = (startDateTime: string): RequestedSlot[] => resolveSlots(PATIENT, rules, { startDateTime });
    const doctors = (startDateTime: string): string[] =>
      getBookable(slots(startDateTime), NOW).map(({ doctorId }) => doctorId);
    expect(doctors('2026-11-23T11:00:00Z')).toEqual(['a']);
    expect(doctors('2026-11-23T14:00:00Z')).toEqual(['b']);
    // The reason of the doctor who works at that time, although another does not.
    expect(getError(() => doctors('2026-11-23T14:10:00Z'))?.details).toEqual({ reason: 'OFF_GRID' });
    expect(getError(() => doctors('2026-11-23T11:10:00Z'))?.details).toEqual({ reason: 'OFF_GRID' });
    expect(getError(() => doctors('2026-11-23T20:00:00Z'))?.details).toEqual({ reason: 'OUTSIDE_WORKING_HOURS' });
  });
});

describe('what an appointment reserves', () => {
  const slot = resolveSlot(PATIENT, rules, request);
  const visit = { start: at('2026-11-23T10:00Z'), end: at('2026-11-23T10:30Z') };
  const padded = { start: at('2026-11-23T09:50Z'), end: at('2026-11-23T10:35Z') };
  const appointment = { id: 'id', clientId: 'patient', groupId: null, resourceIds: ['r', 's'] };

  it('is the patient for the visit, and doctor and rooms with the buffers', () => {
    expect(reservationsFor(slot, appointment)).toEqual([
      { resourceId: 'a-time', kind: 'DOCTOR', groupId: 'id', during: padded },
      { resourceId: 'patient', kind: 'CLIENT', groupId: 'id', during: visit },
      { resourceId: 'r', kind: 'RESOURCE', groupId: 'id', during: padded },
      { resourceId: 's', kind: 'RESOURCE', groupId: 'id', during: padded },
    ]);
  });

  it('is shared by the seats of a group session, except for the patient', () => {
    expect(reservationsFor(slot, { ...appointment, groupId: 'group' }).map(({ groupId }) => groupId)).toEqual([
      'group',
      'id',
      'group',
      'group',
    ]);
  });

  it('is only doctor and rooms for a hold without a patient', () => {
    const kinds = reservationsFor(slot, { ...appointment, clientId: null }).map(({ kind }) => kind);
    expect(kinds).toEqual(['DOCTOR', 'RESOURCE', 'RESOURCE']);
  });

  it.each([
    [['RESOURCE', 'CLIENT', 'DOCTOR'], 'DOCTOR'],
    [['RESOURCE', 'CLIENT'], 'CLIENT'],
    [['RESOURCE'], 'RESOURCE'],
  ] as const)('conflicts in %j: %s is named', (kinds, named) => {
    const range = (kind: ReservedRange['kind']): ReservedRange => ({
      resourceId: 'x',
      kind,
      groupId: 'g',
      during: visit,
    });
    expect(primaryConflict(kinds.map(range))).toBe(named);
  });
});
