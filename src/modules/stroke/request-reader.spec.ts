import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Role } from '../../core/kernel/actor.js';
import { readRequest } from './request-reader.js';
import { SIGNS } from './triage.js';

const NOW = Date.parse('2026-11-23T09:00:00Z');
const read = (body: unknown, role: Role = 'CLIENT') => readRequest(body, role, NOW);
const getErrorFields = (body: unknown, role: Role = 'CLIENT'): string[] =>
  read(body, role)
    .errors.map(({ field }) => field)
    .sort();

const NO_SIGN = Object.fromEntries(SIGNS.map((sign) => [sign, false]));

/** A body with one positive sign. */
const positive = fc.oneof(
  fc.record({ symptoms: fc.constantFrom(...SIGNS).map((sign) => ({ [sign]: true })) }),
  fc.record({ symptoms: fc.constantFrom(...SIGNS).map((sign) => ({ [sign]: 'yes' })) }),
  fc.record({ cpss: fc.constantFrom({ facialDroop: 1 }, { armDrift: 1 }, { bothArmsImmobile: true }) }),
  fc.record({ nihss: fc.record({ item5a: fc.integer({ min: 1, max: 4 }) }) }),
  fc.constant({ symptomsResolved: false }),
);
const anything = fc.jsonValue({ maxDepth: 3 });
/** Fields that may be invalid. A test adds the positive sign last, so that it stays valid. */
const wrong = fc.record(
  {
    glucose: fc.oneof(fc.constantFrom(-1, 0, 1e9, '110', null), anything),
    glucoseUnit: anything,
    timeZone: fc.oneof(fc.constantFrom('Mars/Phobos', 'GMT+02:00', ''), anything),
    clinicId: anything,
    clientId: anything,
    country: anything,
    locale: fc.oneof(fc.constantFrom('en-US-u-fw-mon', '!!'), anything),
    lastKnownWell: fc.oneof(fc.constantFrom('2099-01-01T00:00:00Z', '2026-02-30T00:00:00Z', 'yesterday'), anything),
    recognisedAt: anything,
    assessedAt: fc.oneof(fc.constantFrom('2099-01-01T00:00:00Z', '2026-11-23T09:00:11Z'), anything),
    rater: fc.oneof(fc.constantFrom({ role: 'CLINICIAN' }, { role: 'KING' }), anything),
    prevent: fc.oneof(fc.constantFrom({ age: 12 }, { age: 300, sex: 'X' }), anything),
    framingham: fc.oneof(fc.constantFrom({ age: 29 }), anything),
    abcd2: anything,
    cha2ds2: anything,
    mrs: fc.oneof(fc.constantFrom({ grade: 7 }), anything),
    race: fc.oneof(fc.constantFrom({ aphasia: 0, agnosia: 0 }), anything),
    lams: anything,
    preStrokeMrs: anything,
    wakeUp: anything,
    anticoagulant: anything,
    unknownField: anything,
  },
  { requiredKeys: [] },
);
const role = fc.constantFrom<Role>('CLIENT', 'DOCTOR', 'STAFF', 'MANAGER', 'ADMIN');

describe('a positive sign', () => {
  it('is CALL_EMERGENCY whatever is wrong beside it', () => {
    fc.assert(
      fc.property(positive, wrong, role, (sign, beside, as) => {
        expect(read({ ...beside, ...sign }, as).level).toBe('CALL_EMERGENCY');
      }),
      { numRuns: 1_000 },
    );
  });

  it('is assessed without the invalid fields, and with all others', () => {
    const body = {
      symptoms: { face: true, arm: 'perhaps', nose: true },
      glucose: 4000,
      timeZone: 'Mars/Phobos',
      lastKnownWell: '2026-11-23T08:00:00Z',
      assessedAt: '2026-11-23T12:00:00Z',
      prevent: { age: 12 },
      framingham: { age: 50 },
      nope: 1,
    };
    expect(getErrorFields(body)).toEqual([
      'assessedAt',
      'glucose',
      'nope',
      'prevent.age',
      'symptoms.arm',
      'symptoms.nose',
      'timeZone',
    ]);
    expect(read(body).request).toEqual({
      symptoms: { face: true },
      lastKnownWell: '2026-11-23T08:00:00Z',
      framingham: expect.objectContaining({ age: 50 }),
    });
  });

  it('counts also where the caller may not rate the scale that shows it', () => {
    const found = read({ nihss: { item5a: 3 } });
    expect(found).toMatchObject({ level: 'CALL_EMERGENCY', reasons: ['NIHSS_FINDING'] });
    expect(found.errors).toEqual([{ field: 'nihss', error: expect.stringContaining('CLINICIAN') }]);
    expect(found.request.nihss).toBeUndefined();
  });

  it('is rated by the caller’s own role where another one is claimed', () => {
    const found = read({ symptoms: { arm: true }, rater: { role: 'CLINICIAN' }, mrs: { grade: 1 } });
    expect([found.level, found.rater]).toEqual(['CALL_EMERGENCY', 'SELF']);
    expect(found.errors.map(({ field }) => field)).toEqual(['rater.role', 'mrs']);
  });
});

describe('a body without a positive sign', () => {
  it('is refused with each field that is wrong', () => {
    expect(getErrorFields({ symptoms: NO_SIGN, glucose: 5.5, timeZone: 'Mars/Phobos' })).toEqual([
      'glucose',
      'timeZone',
    ]);
    expect(getErrorFields({ symptoms: { ...NO_SIGN, face: 'perhaps' } })).toEqual(['symptoms.face']);
    expect(getErrorFields([])).toEqual(['body']);
    expect(getErrorFields({})).toEqual(['symptoms']);
  });

  it('takes words for no as a no, and no other words', () => {
    const words = ['no', 'No', 'لا', 'नहीं', 'false', 0];
    for (const word of words) expect(read({ symptoms: { ...NO_SIGN, arm: word } }).level).toBe('ROUTINE');
    expect(getErrorFields({ symptoms: { ...NO_SIGN, arm: 'hardly' } })).toEqual(['symptoms.arm']);
    expect(read({ symptoms: { ...NO_SIGN, arm: null } }).level).toBe('INCOMPLETE');
  });

  it('may have an offset instead of a time zone, and a locale with extensions', () => {
    for (const timeZone of ['GMT+02:00', 'UTC-3', '+0530', '+02:00', 'Z']) {
      const { errors, request } = read({ symptoms: NO_SIGN, timeZone, locale: 'en-US-u-fw-mon-mu-celsius' });
      expect(errors).toEqual([]);
      expect([request.timeZone, request.locale]).toEqual([null, 'en-US']);
    }
  });

  it('may be assessed by a clock that is up to ten minutes ahead', () => {
    expect(getErrorFields({ symptoms: NO_SIGN, assessedAt: '2026-11-23T09:10:00Z' })).toEqual([]);
    expect(getErrorFields({ symptoms: NO_SIGN, assessedAt: '2026-11-23T09:10:01Z' })).toEqual(['assessedAt']);
  });
});

describe('invalid values', () => {
  it('of RACE include ratings of both aphasia and agnosia', () => {
    const none = { facialPalsy: 0, arm: 0, leg: 0, gaze: 0, aphasia: 0, agnosia: 0 };
    expect(getErrorFields({ race: { ...none, hemiparesis: 'RIGHT' } }, 'DOCTOR')).toEqual(['race.agnosia']);
    expect(getErrorFields({ race: { ...none, hemiparesis: 'LEFT' } }, 'DOCTOR')).toEqual(['race.aphasia']);
    const found = read({ race: { ...none, hemiparesis: 'LEFT', agnosia: 2 } }, 'DOCTOR');
    expect([found.level, found.errors[0]?.field, found.request.race]).toEqual([
      'CALL_EMERGENCY',
      'race.aphasia',
      undefined,
    ]);
  });

  it('of a very low glucose count for the level, and their field is an error', () => {
    for (const [glucose, glucoseUnit] of [
      ['50', undefined],
      [2.9, 'mmol/L'],
      ['2.9', 'MMOL_L'],
    ]) {
      const { level, errors } = read({ glucose, glucoseUnit, symptomsResolved: true });
      expect(level).toBe('CALL_EMERGENCY');
      expect(errors.map(({ field }) => field)).toContain(typeof glucose === 'string' ? 'glucose' : 'glucoseUnit');
    }
    for (const [glucose, glucoseUnit] of [
      ['54', undefined],
      ['5.5', 'mmol/L'],
      ['x', undefined],
    ])
      expect(read({ glucose, glucoseUnit, symptomsResolved: true }).level).toBe('URGENT');
  });

  it('outside of their scale are a possible emergency', () => {
    expect(read({ nihss: { item1a: 4 } }, 'DOCTOR')).toMatchObject({ isPossibleEmergency: true, level: 'INCOMPLETE' });
  });
});

describe('PREVENT and Framingham', () => {
  const equations = { prevent: { age: 50 }, framingham: { age: 50 } };

  it('do not apply where a stroke or vascular disease is reported', () => {
    for (const disease of ['strokeOrTia', 'vascularDisease']) {
      expect(read({ cha2ds2: { [disease]: true }, ...equations }).excluded).toEqual([
        { part: 'prevent', field: `cha2ds2.${disease}`, error: expect.any(String) },
        { part: 'framingham', field: `cha2ds2.${disease}`, error: expect.any(String) },
      ]);
    }
    expect(read({ cha2ds2: { strokeOrTia: 'yes' }, symptoms: { face: true }, ...equations }).excluded).toHaveLength(2);
    expect(read({ cha2ds2: { strokeOrTia: false, vascularDisease: null }, ...equations }).excluded).toEqual([]);
    expect(read({ cha2ds2: { strokeOrTia: true } }).excluded).toEqual([]);
  });
});
