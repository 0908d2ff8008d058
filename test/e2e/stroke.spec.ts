import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/core/database/database.js';
import { newId } from '../../src/core/kernel/id.js';
import type { Actor } from '../../src/core/kernel/actor.js';
import { StrokeService } from '../../src/modules/stroke/index.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { emailIndex } from '../support/encrypted.js';

const PATH = '/api/v1/ai/stroke-assessment';
const LIST = '/api/v1/ai/stroke-assessments';
const NO_SIGN = {
  balance: false,
  eyes: false,
  face: false,
  arm: false,
  speech: false,
  suddenSevereHeadache: false,
  seizure: false,
  reducedConsciousness: false,
};
const NIHSS = Object.fromEntries(
  ['1a', '1b', '1c', '2', '3', '4', '5a', '5b', '6a', '6b', '7', '8', '9', '10', '11'].map((name) => [
    `item${name}`,
    0,
  ]),
);

let app: TestApp;
let cairo: string;
let doctor: { token: string; userId: string; doctorId: string };
let stranger: { token: string };
let patient: TestPatient;
let other: TestPatient;
let staff: string;

beforeAll(async () => {
  app = await TestApp.start({ EMERGENCY_NUMBERS: 'EG:123,IN:112' });
  const { rows } = await app.db.query(
    `SELECT d.id AS "doctorId", d.user_id AS "userId", d.clinic_id AS "clinicId" FROM doctor d
     JOIN user_account u ON u.id = d.user_id WHERE u.email_index = $1`,
    [await emailIndex(app, 'doctor@careslot.test')],
  );
  cairo = rows[0].clinicId;
  const signedIn = (doctorId: string, userId: string): string =>
    app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [cairo] });
  doctor = { ...rows[0], token: signedIn(rows[0].doctorId, rows[0].userId) };
  stranger = { token: signedIn(newId(), rows[0].userId) };
  [patient, other] = (await app.patients(2)) as [TestPatient, TestPatient];
  staff = await app.login('staff@careslot.test');
  await book(patient.clientId, 'CONFIRMED');
  await book(other.clientId, 'CANCELLED');
});

afterAll(() => app.close());

async function book(clientId: string, status: string): Promise<void> {
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     SELECT $1, $2, $3, $4, (SELECT id FROM service WHERE clinic_id = $2 LIMIT 1), now() + interval '400 days',
            now() + interval '401 days', $5, 0, 'EGP'`,
    [newId(), cairo, clientId, doctor.doctorId, status],
  );
}

const assess = (token: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call('POST', PATH, { token, body, headers });

async function getErrorFields(token: string, body: object): Promise<string[]> {
  const answer = await assess(token, body);
  expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  return answer.body.error.details.map(({ field }: { field: string }) => field).sort();
}

describe('the level', () => {
  it('is CALL_EMERGENCY for a sign, also if it went away', async () => {
    const body = { symptoms: { ...NO_SIGN, face: true }, symptomsResolved: true, clinicId: cairo };
    const { status, data } = await assess(patient.token, body);
    expect(status).toBe(201);
    expect(Object.keys(data).slice(0, 2)).toEqual(['level', 'emergency']);
    expect(data).toMatchObject({
      level: 'CALL_EMERGENCY',
      emergency: { callNow: true, number: '123', numberFrom: 'CLINIC', text: expect.stringContaining('123') },
      reasons: ['SIGN_FACE'],
      requiresClinicianReview: true,
      clientId: patient.clientId,
      rater: { role: 'SELF', userId: patient.userId },
      windows: { isDecision: false, ivtWindow: 'UNKNOWN', evtWindow: 'UNKNOWN' },
    });
    expect(data.advice[0]).toBe(data.emergency.text);
    expect(data.disclaimer).toMatch(/clinician/);
    expect(JSON.stringify(data)).not.toMatch(/appointment|booking/i);
  });

  it('is CALL_EMERGENCY for a sign, also with scores of zero', async () => {
    const lams = { facialDroop: 0, armDrift: 0, gripStrength: 0 };
    const { data } = await assess(doctor.token, { symptoms: { speech: true }, nihss: NIHSS, lams });
    expect(data.level).toBe('CALL_EMERGENCY');
    expect(data.scores.map(({ instrument, score }: any) => [instrument, score])).toEqual([
      ['BE_FAST', null],
      ['NIHSS', 0],
      ['LAMS', 0],
    ]);
    for (const score of data.scores) {
      expect(score.version).toEqual(expect.any(String));
      expect(score.source).toEqual(expect.any(String));
      expect(score.items.length).toBeGreaterThan(0);
      expect(data.sources).toContain(score.source);
    }
  });

  it('is ROUTINE only if every sign was answered with no, and INCOMPLETE if an answer is missing', async () => {
    expect((await assess(patient.token, { symptoms: NO_SIGN })).data).toMatchObject({
      level: 'ROUTINE',
      emergency: { callNow: false, text: null },
      scores: [{ instrument: 'BE_FAST', details: { advice: 'NO_BEFAST_SIGN_SEEK_CARE_IF_WORRIED' } }],
    });
    expect((await assess(patient.token, { symptoms: { ...NO_SIGN, arm: null } })).data).toMatchObject({
      level: 'INCOMPLETE',
      unanswered: ['arm'],
      scores: [{ score: null, complete: false, missing: ['arm'] }],
    });
  });
});

describe('the language and the number', () => {
  const sign = { symptoms: { arm: true } };

  it('are those of the request, otherwise of the profile', async () => {
    const arabic = await assess(patient.token, { ...sign, locale: 'ar-EG' });
    expect(arabic.data).toMatchObject({ language: 'ar', emergency: { number: '123', numberFrom: 'LOCALE' } });
    expect(arabic.data.emergency.text).toMatch(/\p{Script=Arabic}/u);
    const header = await assess(patient.token, { ...sign, country: 'IN' }, { 'accept-language': 'hi-IN,en;q=0.5' });
    expect(header.data).toMatchObject({ language: 'hi', emergency: { number: '112', numberFrom: 'COUNTRY' } });
    expect(header.data.emergency.text).toMatch(/\p{Script=Devanagari}/u);
    await app.db.query(`UPDATE user_account SET locale = 'ar-EG' WHERE id = $1`, [other.userId]);
    expect((await assess(other.token, sign)).data).toMatchObject({ language: 'ar', emergency: { number: '123' } });
  });

  it('have no default number if none is configured for the country', async () => {
    for (const body of [sign, { ...sign, country: 'US' }]) {
      const { data } = await assess(patient.token, body);
      expect(data.emergency).toEqual({
        callNow: true,
        number: null,
        numberFrom: null,
        text: expect.stringContaining('your local emergency number'),
      });
    }
  });
});

describe('a request', () => {
  it('is refused with an error for each invalid field', async () => {
    expect(
      await getErrorFields(doctor.token, {
        nihss: { ...NIHSS, item5a: 5, item1a: 'one', item7: 2.5, item9: 'XX', item12: 1 },
        race: { gaze: 2, hemiparesis: 'UP' },
        lams: { facialDroop: -1 },
        mrs: { grade: 7 },
        prevent: { age: 80, systolic: 200, hdlMgDl: 150, egfr: 10, bmi: 40, totalCholesterolMgDl: 129, sex: 'M' },
        framingham: { age: 29 },
        abcd2: { clinical: 'NONE', diabetes: 1 },
        cha2ds2: { age: 64.5 },
        symptoms: { face: 'perhaps' },
        nope: 1,
      }),
    ).toEqual(
      [
        'nihss.item1a',
        'nihss.item5a',
        'nihss.item7',
        'nihss.item9',
        'nihss.item12',
        'race.gaze',
        'race.hemiparesis',
        'lams.facialDroop',
        'mrs.grade',
        'prevent.age',
        'prevent.systolic',
        'prevent.hdlMgDl',
        'prevent.egfr',
        'prevent.bmi',
        'prevent.totalCholesterolMgDl',
        'prevent.sex',
        'framingham.age',
        'abcd2.clinical',
        'abcd2.diabetes',
        'cha2ds2.age',
        'symptoms.face',
        'nope',
      ].sort(),
    );
    expect(
      await getErrorFields(patient.token, { symptoms: null, cpss: [], nihss: 'x', rater: {}, glucose: '1' }),
    ).toEqual(['cpss', 'glucose', 'nihss', 'rater.role', 'symptoms']);
  });

  it('is refused with an untestable NIHSS item that the form requires to be scored', async () => {
    const untestable = Object.fromEntries(Object.keys(NIHSS).map((item) => [item, 'UN']));
    expect(await getErrorFields(doctor.token, { nihss: untestable })).toEqual(
      ['1a', '1b', '1c', '2', '3', '4', '8', '9', '11'].map((number) => `nihss.item${number}`).sort(),
    );
    const { data } = await assess(doctor.token, { nihss: { ...NIHSS, item5a: 'UN', item10: 'UN', item9: 3 } });
    expect(data.scores[0]).toMatchObject({ score: 3, complete: false, details: { untestable: ['item5a', 'item10'] } });
  });

  it('is refused with nothing to assess', async () => {
    for (const body of [{}, { symptoms: {}, abcd2: { age: null } }, { locale: 'ar', country: 'EG', glucose: null }]) {
      expect(await getErrorFields(patient.token, body)).toEqual(['symptoms']);
    }
  });

  it('is refused with a local or future time, an impossible glucose, a pre-stroke mRS of 6, or an unknown clinic', async () => {
    const future = new Date(Date.now() + 15 * 60_000).toISOString();
    expect(await getErrorFields(patient.token, { lastKnownWell: '2026-11-01T01:30:00' })).toEqual(['lastKnownWell']);
    expect(await getErrorFields(patient.token, { lastKnownWell: future, assessedAt: future })).toEqual([
      'assessedAt',
      'lastKnownWell',
    ]);
    expect(await getErrorFields(patient.token, { glucose: 5.5 })).toEqual(['glucose']);
    // A grade of 6 means dead.
    expect(await getErrorFields(patient.token, { symptoms: NO_SIGN, preStrokeMrs: 6 })).toEqual(['preStrokeMrs']);
    expect(await getErrorFields(patient.token, { symptoms: NO_SIGN, clinicId: randomUUID() })).toEqual(['clinicId']);
  });

  it('is refused with a rater who may not use the scale or has another role', async () => {
    expect(await getErrorFields(patient.token, { nihss: NIHSS })).toEqual(['nihss']);
    expect(await getErrorFields(patient.token, { nihss: NIHSS, rater: { role: 'CLINICIAN' } })).toEqual(['rater.role']);
    expect(await getErrorFields(staff, { mrs: { grade: 1 }, rater: { role: 'CLINICIAN' } })).toEqual(['rater.role']);
    expect(
      await getErrorFields(doctor.token, { clientId: patient.clientId, rater: { role: 'SELF' }, symptoms: NO_SIGN }),
    ).toEqual(['rater.role']);
    const responder = { rater: { role: 'RESPONDER' }, cpss: { facialDroop: 0, armDrift: 0, abnormalSpeech: 0 } };
    expect((await assess(patient.token, responder)).data.rater.role).toBe('RESPONDER');
  });
});

describe('the scores', () => {
  it('of PREVENT cover ten years for all ages, thirty years up to 59, and heart failure with a BMI', async () => {
    const facts = {
      sex: 'FEMALE',
      age: 60,
      totalCholesterolMgDl: 200,
      hdlMgDl: 45,
      systolic: 160,
      diabetes: true,
      smoker: false,
      bpTreated: true,
      statin: false,
      egfr: 90,
    };
    const { data } = await assess(patient.token, { prevent: facts });
    const [ten, thirty] = data.scores;
    expect(ten).toMatchObject({ instrument: 'PREVENT_10Y', score: expect.any(Number), complete: true });
    expect(ten.details.outcomes.map(({ outcome, risk }: any) => [outcome, risk === null])).toEqual([
      ['TOTAL_CVD', false],
      ['ASCVD', false],
      ['HEART_FAILURE', true],
      ['CHD', false],
      ['STROKE', false],
    ]);
    expect(thirty).toMatchObject({
      instrument: 'PREVENT_30Y',
      score: null,
      notComputed: expect.stringContaining('59'),
    });
  });

  it('are accompanied by the onset and the treatment windows', async () => {
    const lastKnownWell = new Date(Date.now() - 5 * 3_600_000).toISOString();
    const onset = {
      onsetWitnessed: true,
      wakeUp: false,
      anticoagulant: false,
      preStrokeMrs: 1,
      timeZone: 'Africa/Cairo',
    };
    const { data } = await assess(patient.token, { symptoms: { arm: true }, lastKnownWell, glucose: 110, ...onset });
    expect(data.onset).toMatchObject({ ...onset, lastKnownWell, glucose: 110, glucoseUnit: 'MG_DL' });
    expect(data.windows).toMatchObject({
      isDecision: false,
      minutesSinceLastKnownWell: 300,
      ivtWindow: 'EXTENDED_IMAGING_ONLY',
      evtWindow: '0_6H',
    });
  });
});

describe('the record', () => {
  it('is encrypted, except for its level and instruments', async () => {
    const { data } = await assess(patient.token, { symptoms: { ...NO_SIGN, seizure: true }, timeZone: 'Asia/Tokyo' });
    const { rows } = await app.db.query(
      `SELECT level, instruments, sealed, row_to_json(s)::text AS open FROM stroke_assessment s WHERE id = $1`,
      [data.id],
    );
    expect(rows[0]).toMatchObject({ level: 'CALL_EMERGENCY', instruments: { BE_FAST: '1.0.0' } });
    expect(rows[0].sealed.length).toBeGreaterThan(0);
    expect(rows[0].sealed.toString('latin1')).not.toMatch(/seizure|Tokyo/i);
    expect(rows[0].open).not.toMatch(/seizure|Tokyo/i);
    const [first] = (await app.call('GET', LIST, { token: patient.token })).data;
    expect(first).toEqual(data);
  });

  it('cannot be decrypted in another row, which lists leave out', async () => {
    const [owner] = await app.patients(1);
    const one = await assess(owner?.token as string, { symptoms: { arm: true } });
    const other = await assess(owner?.token as string, { symptoms: { face: true } });
    await app.db.query(
      `UPDATE stroke_assessment SET sealed = (SELECT sealed FROM stroke_assessment WHERE client_id = $2 LIMIT 1) WHERE id = $1`,
      [one.data.id, patient.clientId],
    );
    const answer = await app.call('GET', LIST, { token: owner?.token });
    expect({ status: answer.status, data: answer.data }).toEqual({ status: 200, data: [other.data] });
  });

  it('is written once for one Idempotency-Key', async () => {
    const [owner] = await app.patients(1);
    const headers = { 'idempotency-key': 'stroke-1' };
    const [first, again] = [
      await assess(owner?.token as string, { symptoms: { face: true } }, headers),
      await assess(owner?.token as string, { symptoms: { face: true } }, headers),
    ];
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(JSON.stringify(again.data)).toBe(JSON.stringify(first.data));
    expect((await app.call('GET', `${LIST}?withTotal=true`, { token: owner?.token })).body.meta.total).toBe(1);
  });
});

describe('an assessment', () => {
  const ids = async (token: string, query = ''): Promise<string[]> =>
    (await app.call('GET', `${LIST}?limit=100${query}`, { token })).data.map(({ id }: { id: string }) => id);

  it('is visible to the patient, and to a doctor with an appointment that is not cancelled', async () => {
    const own = (await assess(patient.token, { symptoms: { eyes: true } })).data.id;
    const foreign = (await assess(other.token, { symptoms: { eyes: true } })).data.id;
    expect(await ids(patient.token)).toContain(own);
    expect(await ids(patient.token)).not.toContain(foreign);
    expect(await ids(other.token)).not.toContain(own);
    expect(await ids(patient.token, `&clientId=${other.clientId}`)).toEqual([]);
    expect(await ids(doctor.token)).toContain(own);
    expect(await ids(doctor.token)).not.toContain(foreign);
    expect(await ids(doctor.token, `&clientId=${patient.clientId}`)).toContain(own);
    expect(await ids(doctor.token, `&clientId=${other.clientId}`)).toEqual([]);
    expect(await ids(stranger.token, `&clientId=${patient.clientId}`)).toEqual([]);
    for (const email of ['staff', 'manager', 'admin']) {
      const token = await app.login(`${email}@careslot.test`);
      expect((await app.call('GET', LIST, { token })).status).toBe(403);
    }
  });

  it('can be made by a doctor for a patient with an appointment; other patients are NOT_FOUND', async () => {
    const body = { symptoms: NO_SIGN, nihss: NIHSS, mrs: { grade: 0 } };
    const { status, data } = await assess(doctor.token, { ...body, clientId: patient.clientId });
    expect([status, data.clientId, data.rater.role]).toEqual([201, patient.clientId, 'CLINICIAN']);
    expect(await ids(patient.token)).toContain(data.id);
    for (const [token, clientId] of [
      [doctor.token, other.clientId],
      [doctor.token, randomUUID()],
      [patient.token, other.clientId],
      [staff, patient.clientId],
    ] as const) {
      expect((await assess(token, { symptoms: NO_SIGN, clientId })).status).toBe(404);
    }
  });

  it('is audited when it is read', async () => {
    const count = async (): Promise<number> =>
      (
        await app.db.query(
          `SELECT count(*)::int AS n FROM audit_log WHERE action = 'stroke_assessment.read' AND object_id = $1 AND actor_user_id = $2`,
          [patient.clientId, doctor.userId],
        )
      ).rows[0].n;
    const before = await count();
    await ids(doctor.token, `&clientId=${patient.clientId}`);
    expect(await count()).toBe(before + 1);
  });

  it('is listed for a doctor without reading the rows of all other patients', async () => {
    const crowd = await app.patients(1000);
    await app.db.query(
      `INSERT INTO stroke_assessment (id, client_id, rater_user_id, rater_role, level, instruments, assessed_at, sealed)
       SELECT gen_random_uuid(), c.id, c.user_id, 'SELF', 'ROUTINE', '{}', now(), convert_to(repeat('x', 1500), 'UTF8')
       FROM client c, generate_series(1, 10) WHERE c.id = ANY ($1::uuid[])`,
      [crowd.map(({ clientId }) => clientId)],
    );
    await app.db.query('ANALYZE stroke_assessment, appointment');
    const [db, stroke] = [app.app.get(Database), app.app.get(StrokeService)];
    const actor: Actor = { sessionId: newId(), clientId: null, clinicIds: [cairo], role: 'DOCTOR', ...doctor };
    const read = await db.transaction(async () => {
      await stroke.list(actor, { limit: 20, sort: '-createdAt', withTotal: true });
      return db.row<{ n: number }>(
        `SELECT (seq_tup_read + idx_tup_fetch)::int AS n FROM pg_stat_xact_user_tables WHERE relname = 'stroke_assessment'`,
      );
    });
    expect(read?.n).toBeLessThan(1000);
  });

  it('is listed in pages, newest first', async () => {
    const [owner] = await app.patients(1);
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) made.unshift((await assess(owner?.token as string, { symptoms: NO_SIGN })).data.id);
    const first = await app.call('GET', `${LIST}?limit=2`, { token: owner?.token });
    const rest = await app.call('GET', `${LIST}?limit=2&cursor=${first.body.meta.nextCursor}`, { token: owner?.token });
    expect([...first.data, ...rest.data].map(({ id }: { id: string }) => id)).toEqual(made);
    expect((await app.call('GET', `${LIST}?sort=level`, { token: owner?.token })).status).toBe(400);
    expect((await app.call('GET', `${LIST}?cursor=x`, { token: owner?.token })).code).toBe('BAD_CURSOR');
  });
});
