import { describe, expect, it } from '@jest/globals';
import { actor } from '../../../test/support/actors.js';
import { getError } from '../../../test/support/domain-errors.js';
import type { Actor } from '../../core/kernel/actor.js';
import { assertAtOwnClinic, findClientId, getClientId, maySee, videoUrlFor } from './appointment.policy.js';

const appointment = { clinicId: 'clinic', clientId: 'patient', doctorId: 'a' };

const OTHERS = {
  patient: actor('CLIENT', { clientId: 'other' }),
  doctor: actor('DOCTOR', { doctorId: 'b' }),
  staff: actor('STAFF', { clinicIds: ['other'] }),
};

describe('an appointment', () => {
  it.each<[string, Actor, boolean]>([
    ['its patient', actor('CLIENT'), true],
    ['another patient', OTHERS.patient, false],
    ['its doctor', actor('DOCTOR', { clinicIds: [] }), true],
    ['another doctor of the clinic', OTHERS.doctor, false],
    ['the front desk', actor('STAFF'), true],
    ['a manager', actor('MANAGER'), true],
    ['the front desk of another clinic', OTHERS.staff, false],
    ['an administrator', actor('ADMIN'), true],
    ['a patient who has the id of its doctor', actor('CLIENT', { clientId: null, doctorId: 'a' }), false],
    ['a doctor who has the id of its patient', actor('DOCTOR', { clientId: 'patient', doctorId: null }), false],
  ])('may be seen by %s: %s', (_, who, may) => {
    expect(maySee(who, appointment)).toBe(may);
  });

  it.each<[string, Actor, string | undefined]>([
    ['a patient', actor('CLIENT'), undefined],
    ['the front desk', actor('STAFF'), undefined],
    ['an administrator', actor('ADMIN'), undefined],
    ['the front desk of another clinic', OTHERS.staff, 'FORBIDDEN'],
    ['a doctor of the clinic', actor('DOCTOR'), 'FORBIDDEN'],
  ])('is booked at the clinic by %s: %s', (_, who, code) => {
    expect(getError(() => assertAtOwnClinic(who, 'clinic'))?.code).toBe(code);
  });
});

describe('the patient to book for', () => {
  it('is the patient who books, also if they name themselves', () => {
    expect(findClientId(actor('CLIENT'), undefined)).toBe('patient');
    expect(findClientId(actor('CLIENT'), 'PATIENT')).toBe('patient');
    expect(getClientId(actor('CLIENT'), undefined)).toBe('patient');
  });

  it('is nobody else for a patient', () => {
    expect(getError(() => findClientId(actor('CLIENT'), 'other'))?.code).toBe('NOT_FOUND');
    expect(getError(() => findClientId(actor('CLIENT', { clientId: null }), undefined))?.code).toBe('NOT_FOUND');
  });

  it('is whom the front desk names', () => {
    expect(findClientId(actor('STAFF'), 'OTHER')).toBe('other');
    expect(findClientId(actor('STAFF'), undefined)).toBeNull();
    expect(getClientId(actor('STAFF'), 'OTHER')).toBe('other');
    expect(getError(() => getClientId(actor('STAFF'), undefined))).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'clientId' }],
    });
  });
});

describe('the link of a video visit', () => {
  const both = { ownUrl: 'own', doctorUrl: 'doctor' };
  const fromDoctor = { ownUrl: null, doctorUrl: 'doctor' };

  it.each<[string, Actor, typeof both | typeof fromDoctor, string | null | undefined]>([
    ['its patient', actor('CLIENT'), both, 'own'],
    ['its patient, if it has none of its own', actor('CLIENT'), fromDoctor, 'doctor'],
    ['its doctor', actor('DOCTOR'), both, 'own'],
    ['its doctor, if it has none of its own', actor('DOCTOR'), fromDoctor, 'doctor'],
    ['another doctor', OTHERS.doctor, both, undefined],
    ['the front desk', actor('STAFF'), both, 'own'],
    ['the front desk, if it has none of its own', actor('STAFF'), fromDoctor, null],
    ['the front desk of another clinic', OTHERS.staff, both, undefined],
  ])('for %s', (_, who, links, url) => {
    expect(videoUrlFor(who, appointment, links)).toBe(url);
  });
});
