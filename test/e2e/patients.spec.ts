import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { toAsciiMrnKey } from '../../src/modules/clients/mrn-key.js';
import { TestApp } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { changeContacts } from '../support/encrypted.js';

let app: TestApp;
let cairo: TestClinic;

beforeAll(async () => {
  app = await TestApp.start();
  cairo = await openClinic(app, { timeZone: 'Africa/Cairo' });
});

afterAll(() => app.close());

const register = (clinic: TestClinic, fields: object = {}) =>
  app.call('POST', '/api/v1/clients', {
    token: clinic.staff,
    body: { firstName: 'Mona', lastName: 'Hassan', ...fields },
  });

const search = async (token: string, q: string, path = 'clients'): Promise<string[]> => {
  const answer = await app.call('GET', `/api/v1/${path}?limit=100&q=${encodeURIComponent(q)}`, { token });
  expect(answer.status).toBe(200);
  return answer.data.map(({ id }: { id: string }) => id);
};

/** Creates a member of the front desks of several clinics. @returns their token */
const staffTokenAt = async (...clinics: TestClinic[]): Promise<string> => {
  const userId = await createAccount(app, 'STAFF');
  return app.tokenFor({ userId, role: 'STAFF', clinicIds: clinics.map(({ id }) => id) });
};

const bookAt = async (clinic: TestClinic, patient: { token: string }, day = 5): Promise<string> => {
  const serviceId = await aService(app, clinic);
  const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(day, '12:00') };
  const answer = await app.call('POST', '/api/v1/appointments', { token: patient.token, body });
  expect(answer.status).toBe(201);
  return answer.data.id;
};

const cancel = async (patient: { token: string }, id: string): Promise<void> => {
  expect((await app.call('DELETE', `/api/v1/appointments/${id}`, { token: patient.token })).status).toBe(200);
};

describe('a telephone number', () => {
  const person = (): object => ({
    email: `${newId()}@example.org`,
    password: 'a-long-and-quiet-river-9',
    firstName: 'Mona',
    lastName: 'Hassan',
  });

  it.each(['(02) 2794 1234', '+20 2.2794.1234', '\u202a02\u00a02794\u20111234\u202c', '٠٢٢٧٩٤١٢٣٤', '०२२७९४१२३४'])(
    'is stored as E.164 by the country of the clinic, on every route: %s',
    async (phone) => {
      const made = await register(cairo, { phone });
      expect(made).toMatchObject({ status: 201, data: { phone: '+20227941234' } });
      const path = `/api/v1/clients/${made.data.id}`;
      await app.call('PUT', path, { token: cairo.staff, body: { phone: null } });
      expect((await app.call('PUT', path, { token: cairo.staff, body: { phone } })).data.phone).toBe('+20227941234');
      const clinic = await app.call('PUT', `/api/v1/clinics/${cairo.id}`, { token: cairo.manager, body: { phone } });
      expect(clinic.data.phone).toBe('+20227941234');
      const user = await app.call('POST', '/api/v1/users', { token: cairo.manager, body: { ...person(), phone } });
      expect(user).toMatchObject({ status: 201, data: { phone: '+20227941234' } });
      const self = await app.call('POST', '/api/v1/auth/register', {
        body: { ...person(), phone, timeZone: 'Africa/Cairo' },
      });
      expect(self).toMatchObject({ status: 201, data: { user: { phone: '+20227941234' } } });
      const own = { token: self.data.accessToken, body: { phone: `${phone} ` } };
      expect((await app.call('PUT', `/api/v1/users/${self.data.user.id}`, own)).data.phone).toBe('+20227941234');
    },
  );

  it('is parsed by the country of the zone, otherwise of the language, otherwise of a clinic', async () => {
    const registeredPhone = async (fields: object): Promise<string> =>
      (await app.call('POST', '/api/v1/auth/register', { body: { ...person(), ...fields } })).data.user.phone;
    expect(await registeredPhone({ phone: '0788 123 456', timeZone: 'Africa/Kigali' })).toBe('+250788123456');
    expect(await registeredPhone({ phone: '098765 43210', locale: 'hi-IN' })).toBe('+919876543210');
    expect(await registeredPhone({ phone: '0100 123 4567' })).toBe('+201001234567');
  });

  it('that a front desk enters is not parsed as a number of another clinic’s country', async () => {
    await openClinic(app, { timeZone: 'Asia/Dubai' });
    for (const phone of ['0100-123', '1234567', '4 123 45']) {
      expect({ phone, code: (await register(cairo, { phone })).code }).toEqual({ phone, code: 'VALIDATION_ERROR' });
    }
    expect((await register(cairo, { phone: '050 123 4567' })).data.phone).toBe('+20501234567');
    expect((await register(cairo, { phone: '+971 50 123 4567' })).data.phone).toBe('+971501234567');
  });

  it.each(['12', 'call me', '+999 123 456 78', '00000000000', '+1 000 000 0000', '02 2794 1234 ext. 5'])(
    'that is invalid is rejected with its field name: %s',
    async (phone) => {
      const fault = { status: 400, code: 'VALIDATION_ERROR' };
      const register = { ...person(), phone, timeZone: 'Africa/Cairo' };
      const name = { firstName: 'Mona', lastName: 'Hassan' };
      for (const [method, path, token, body] of [
        ['POST', 'auth/register', undefined, register],
        ['POST', 'users', cairo.manager, { ...person(), phone }],
        ['POST', 'clients', cairo.staff, { ...name, phone }],
        ['POST', 'clinics', cairo.admin, { name: 'New', timeZone: 'Africa/Cairo', phone }],
        ['PUT', `clinics/${cairo.id}`, cairo.admin, { phone }],
      ] as const) {
        const answer = await app.call(method, `/api/v1/${path}`, { token, body });
        expect({ path, ...answer }).toMatchObject({ path, ...fault });
        expect(answer.body.error.details).toEqual([
          { field: 'phone', error: expect.stringContaining('telephone number') },
        ]);
      }
    },
  );
});

describe('a clinic', () => {
  const open = (fields: object) =>
    app.call('POST', '/api/v1/clinics', {
      token: cairo.admin,
      body: { name: 'New', timeZone: 'Asia/Kolkata', ...fields },
    });

  it('has the country of its zone and a default language, or the given ones', async () => {
    expect((await open({})).data).toMatchObject({ country: 'IN', locale: 'en' });
    expect((await open({ timeZone: 'UTC' })).data).toMatchObject({ country: null });
    const { data } = await open({ country: 'np', locale: 'hi-IN-u-nu-deva' });
    expect(data).toMatchObject({ country: 'NP', locale: 'hi-IN' });
    expect((await app.call('GET', `/api/v1/clinics/${data.id}`)).data).toMatchObject({
      country: 'NP',
      locale: 'hi-IN',
    });
    for (const [field, value] of [
      ['country', 'XX'],
      ['country', 'Egypt'],
      ['locale', '!'],
    ] as const) {
      const answer = await open({ [field]: value });
      expect(answer.body.error.details).toEqual([{ field, error: expect.any(String) }]);
    }
  });

  it('keeps a chosen country when its zone changes, and otherwise gets the country of the new zone', async () => {
    const moved = async (fields: object): Promise<string> => {
      const { data } = await open(fields);
      const body = { timeZone: 'Africa/Cairo' };
      return (await app.call('PUT', `/api/v1/clinics/${data.id}`, { token: cairo.admin, body })).data.country;
    };
    expect([await moved({}), await moved({ country: 'NP' })]).toEqual(['EG', 'NP']);
  });

  it('provides the default zone and language of the patients that it registers', async () => {
    const { data: clinic } = await open({ timeZone: 'Africa/Kigali', locale: 'rw' });
    const place = { timeZone: 'Africa/Kigali', locale: 'rw' };
    const body = { firstName: 'A', lastName: 'B', clinicId: clinic.id };
    expect((await app.call('POST', '/api/v1/clients', { token: cairo.admin, body })).data).toMatchObject(place);
    const account = { firstName: 'A', lastName: 'B', clinicIds: [clinic.id], email: `${newId()}@example.org` };
    const user = await app.call('POST', '/api/v1/users', { token: cairo.admin, body: account });
    expect(user.data).toMatchObject(place);
    const record = `/api/v1/clients/${user.data.clientId}`;
    expect((await app.call('GET', record, { token: cairo.admin })).data.clinicIds).toEqual([clinic.id]);
    const chosen = { ...body, timeZone: 'Asia/Kolkata', locale: 'ar-EG' };
    expect((await app.call('POST', '/api/v1/clients', { token: cairo.admin, body: chosen })).data).toMatchObject({
      timeZone: 'Asia/Kolkata',
      locale: 'ar-EG',
    });
  });
});

describe('a locale and a zone in the formats of phones', () => {
  const fields = () => ({
    email: `${newId()}@example.org`,
    password: 'a-long-and-quiet-river-9',
    firstName: 'Mona',
    lastName: 'Hassan',
  });

  it.each([
    ['en-US-u-fw-mon-mu-celsius', 'en-US'],
    ['ar-SA-u-ca-islamic-umalqura', 'ar-SA'],
    ['hi_IN', 'hi-IN'],
  ])('%s is reduced to language, script and region', async (locale, kept) => {
    const made = await app.call('POST', '/api/v1/auth/register', { body: { ...fields(), locale } });
    expect(made).toMatchObject({ status: 201, data: { user: { locale: kept } } });
    const own = { token: made.data.accessToken, body: { locale } };
    expect((await app.call('PUT', `/api/v1/users/${made.data.user.id}`, own)).data.locale).toBe(kept);
    expect((await register(cairo, { locale })).data.locale).toBe(kept);
    expect((await app.call('GET', `/api/v1/faqs?locale=${locale}`)).status).toBe(200);
    expect((await app.call('GET', `/api/v1/doctors?language=${locale}`)).status).toBe(200);
    const chat = { message: 'Where may I park?', locale: `${locale}-x-more-of-it-than-fits` };
    expect((await app.call('POST', '/api/v1/ai/chat', { token: made.data.accessToken, body: chat })).status).toBe(200);
  });

  it.each(['GMT+02:00', 'UTC+2', '+02:00', 'UTC+02:00', 'GMT-5'])(
    'the offset %s is rejected as a zone',
    async (timeZone) => {
      const name = { firstName: 'A', lastName: 'B' };
      for (const [path, token, body] of [
        ['auth/register', undefined, { ...fields(), timeZone }],
        ['users', cairo.manager, { ...fields(), timeZone }],
        ['clients', cairo.staff, { ...name, timeZone }],
        ['clinics', cairo.admin, { name: 'New', timeZone }],
      ] as const) {
        const answer = await app.call('POST', `/api/v1/${path}`, { token, body });
        expect({ path, status: answer.status, details: answer.body.error?.details }).toEqual({
          path,
          status: 400,
          details: [{ field: 'timeZone', error: expect.stringContaining('not an offset') }],
        });
      }
    },
  );
});

describe('the front desk finds a patient', () => {
  it('by telephone number in any format, record number, date of birth, name and e-mail address', async () => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    const email = `${newId()}@example.org`;
    const fields = { phone: '+201001112223', mrn: 'MRN-00412', dateOfBirth: '1988-04-23', email };
    const { data } = await register(clinic, { ...fields, firstName: 'Nadia', lastName: 'Fahmy' });
    await register(clinic, { phone: '+201009998887', mrn: 'MRN-00413', dateOfBirth: '1990-05-24' });
    for (const q of [
      '01001112223',
      '0100 111 2223',
      '0100-111-2223',
      '0100.111.2223',
      '(0100) 111\u00a02223',
      '+20 100 111 2223',
      '0020 100 111 2223',
      '٠١٠٠١١١٢٢٢٣',
      '۰۱۰۰ ۱۱۱ ۲۲۲۳',
      '१०० १११ २२२३',
      'MRN-00412',
      'mrn-00412',
      ' MRN\u201100412 ',
      'MRN - 00412',
      'mrn-٠٠٤١٢',
      '1988-04-23',
      '23.04.1988',
      '23/4/1988',
      '23 April 1988',
      '٢٣/٤/١٩٨٨',
      'fahmy nadia',
      'NADIA',
      'na\u200bdia',
      email,
      email.toUpperCase(),
    ]) {
      expect({ q, found: await search(clinic.staff, q) }).toEqual({ q, found: [data.id] });
    }
    // Contacts are encrypted: a part of them cannot be found.
    for (const q of ['1112223', '0100111', email.slice(0, 12), '00412']) {
      expect({ q, found: await search(clinic.staff, q) }).toEqual({ q, found: [] });
    }
  });

  it('without a clinic only by the complete number, in any format', async () => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    const stranger = await app.patient();
    await changeContacts(app, stranger.userId, { phone: '+201007776665' });
    for (const q of ['0100 777 6665', '+20-100-777-6665', '٠١٠٠٧٧٧٦٦٦٥']) {
      expect(await search(clinic.staff, q)).toEqual([stranger.clientId]);
    }
    for (const q of ['7776665', '0100777', 'Pat Ient']) expect(await search(clinic.staff, q)).toEqual([]);
  });

  it.each([
    ['a short number of a small country', 'Europe/Andorra', '312 345', '+376312345'],
    ['a number that libphonenumber does not know', 'Africa/Cairo', '0130 123 4567', '+201301234567'],
  ])('by %s, as it was typed', async (_, timeZone, typed, phone) => {
    const clinic = await openClinic(app, { timeZone });
    const { data } = await register(clinic, { phone: typed });
    expect(data.phone).toBe(phone);
    for (const q of [typed, phone])
      expect({ q, found: await search(clinic.staff, q) }).toEqual({ q, found: [data.id] });
  });

  it('not by the record number of another clinic', async () => {
    const [here, there] = [await openClinic(app), await openClinic(app)];
    const patient = await app.patient();
    for (const clinic of [here, there]) await bookAt(clinic, patient, clinic === here ? 5 : 6);
    const path = `/api/v1/clients/${patient.clientId}`;
    await app.call('PUT', path, { token: there.staff, body: { mrn: 'THERE-7' } });
    expect(await search(here.staff, 'THERE-7')).toEqual([]);
    expect(await search(there.staff, 'there-7')).toEqual([patient.clientId]);
  });
});

it('an encrypted text with a NUL is refused, as PostgreSQL refuses it in other texts', async () => {
  for (const field of ['address', 'emergencyContact', 'notes', 'mrn', 'firstName']) {
    const { status, code } = await register(cairo, { [field]: 'a\u0000b' });
    expect({ field, status, code }).toEqual({ field, status: 400, code: 'VALIDATION_ERROR' });
  }
});

describe('search folds by Unicode', () => {
  const SPELLINGS: [stored: string, sought: string[]][] = [
    ['علي كريم', ['علی', 'کریم', 'عَلِيّ', 'عـــلي', 'علي کریم', '\u200fعلي\u200f']],
    ['فاطمة الزهراء', ['فاطمه', 'فاطمۃ', 'الزهرا', 'ﻓﺎﻃﻤﺔ']],
    ['أحمد إبراهيم', ['احمد', 'ابراهیم', 'ٱحمد', 'آحمد']],
    ['مؤمن رائد', ['مومن', 'رايد', 'رائد']],
    ['ہاشم قریشی', ['هاشم', 'قريشي', 'ھاشم']],
    ['Иванов Пётр', ['иванов', 'ИВАНОВ', 'петр', 'ПЁТР']],
    ['Παπαδόπουλος Γιώργος', ['παπαδοπουλος', 'ΠΑΠΑΔΟΠΟΥΛΟΣ', 'γιωργοσ', 'ΓΙΏΡΓΟΣ']],
    ['Հովհաննիսյան Սևակ', ['հովհաննիսյան', 'ՀՈՎՀԱՆՆԻՍՅԱՆ', 'ՍԵՎԱԿ', 'սեւակ']],
    ['İbrahim Işık', ['ibrahim', 'IBRAHIM', 'işık', 'isik', 'IŞIK']],
    ['फ़ातिमा क़ुरैशी', ['फातिमा', 'कुरैशी', 'फ\u093cातिमा']],
    ['Müller Øster Łukasz', ['muller', 'MÜLLER', 'mu\u0308ller', 'oster', 'lukasz', 'ŁUKASZ']],
    ['Straße', ['strasse', 'STRASSE']],
    ['O’Brien', ["o'brien", 'O‘BRIEN', 'brien']],
    ['დავით', ['ᲓᲐᲕᲘᲗ']],
    ['Ｔａｎａｋａ', ['tanaka']],
  ];

  it.each(SPELLINGS)('for patients, accounts, doctors, services and questions: %s', async (stored, sought) => {
    const clinic = await openClinic(app);
    const make = async (path: string, body: object): Promise<string> => {
      const answer = await app.call('POST', `/api/v1/${path}`, { token: clinic.admin, body });
      expect({ path, status: answer.status }).toEqual({ path, status: 201 });
      return answer.data.id;
    };
    const name = { firstName: stored, lastName: 'Xx' };
    const client = (await register(clinic, name)).data.id;
    const user = await make('users', { ...name, email: `${newId()}@work.test`, role: 'STAFF', clinicIds: [clinic.id] });
    const doctor = await make('doctors', { ...name, clinicId: clinic.id, speciality: stored });
    const price = { amount: 1, currency: 'USD' };
    const service = await make('services', { clinicId: clinic.id, name: stored, durationMinutes: 30, price });
    const faq = await make('faqs', { locale: 'en', question: stored, answer: 'A', category: stored });
    for (const q of [stored, ...sought]) {
      const found = {
        clients: (await search(clinic.staff, q)).includes(client),
        users: (await search(clinic.admin, q, 'users')).includes(user),
        doctors: (await search(clinic.admin, q, 'doctors')).includes(doctor),
        services: (await search(clinic.admin, q, 'services')).includes(service),
        faqs: (await search(clinic.admin, q, 'faqs')).includes(faq),
      };
      expect({ q, ...found }).toEqual({ q, clients: true, users: true, doctors: true, services: true, faqs: true });
    }
    const of = (text: string, query: string) =>
      app.call('GET', `/api/v1/${query}=${encodeURIComponent(text)}&limit=100`);
    const ids = ({ data }: { data: { id: string }[] }): string[] => data.map(({ id }) => id);
    expect(ids(await of(stored.toLocaleUpperCase('en'), 'doctors?speciality'))).toContain(doctor);
    expect(ids(await of(stored.toLocaleLowerCase('en'), 'faqs?category'))).toContain(faq);
  });

  it('with indexes', async () => {
    const client = await app.db.connect();
    const plan = async (query: string): Promise<string> => {
      const { rows } = await client.query(`EXPLAIN ${query}`);
      return rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n');
    };
    try {
      await client.query('SET enable_seqscan = off');
      const words = `(SELECT string_agg(quote_literal(lexeme) || ':*', ' & ')::tsquery
                      FROM unnest(to_tsvector('simple', search_fold('علی'))))`;
      expect(await plan(`SELECT FROM doctor WHERE search @@ ${words}`)).toContain('doctor_search');
      expect(await plan(`SELECT FROM user_account WHERE search @@ ${words}`)).toContain('user_account_search');
      expect(await plan(`SELECT FROM faq WHERE search @@ ${words}`)).toContain('faq_search');
      expect(await plan(`SELECT FROM doctor WHERE search_fold(speciality) = search_fold('X')`)).toContain(
        'doctor_speciality',
      );
      expect(await plan(`SELECT FROM user_account WHERE phone_index = '\\x00'`)).toContain('user_account_phone');
      expect(await plan(`SELECT FROM user_account WHERE email_index = '\\x00' AND deleted_at IS NULL`)).toContain(
        'user_account_email',
      );
      const number = `clinic_id = '${cairo.id}' AND mrn_index = '\\x00'`;
      expect(await plan(`SELECT FROM client_clinic WHERE ${number}`)).toContain('client_clinic_mrn');
      expect(await plan(`SELECT FROM client WHERE birth_index = '\\x00'`)).toContain('client_birth');
      expect(await plan(`SELECT FROM account_link WHERE phone_index = '\\x00' AND created_at > now()`)).toContain(
        'account_link_phone',
      );
    } finally {
      client.release(true);
    }
  });
});

it('a record number in ASCII is folded as the database folds it', async () => {
  const characters = Array.from({ length: 0x7f - 0x20 }, (_, n) => String.fromCharCode(0x20 + n));
  const numbers = ['', '  ', 'MRN 00-7', ...characters, ...characters.map((one) => `A${one}B ${one}${one}`)];
  const { rows } = await app.db.query<{ key: string | null }>(
    'SELECT mrn_key(n) AS key FROM unnest($1::text[]) WITH ORDINALITY AS u(n, i) ORDER BY i',
    [numbers],
  );
  expect(numbers.map(toAsciiMrnKey)).toEqual(rows.map(({ key }) => key));
  expect(['é', '٧', '\t', '\u00a0'].map(toAsciiMrnKey)).toEqual(Array(4).fill(undefined));
});

describe('a name', () => {
  it('is trimmed of invisible characters, and rejected if nothing else remains', async () => {
    const { data } = await register(cairo, { firstName: '\u200fليلى\u200e', lastName: '\ufeff O\u200cK \u2060' });
    expect([data.firstName, data.lastName]).toEqual(['ليلى', 'O\u200cK']);
    for (const firstName of ['\u200b', '\u200f\u200e', '\u3164', '\u2060 \u00ad', ' ']) {
      const { code } = await register(cairo, { firstName });
      expect({ firstName, code }).toEqual({ firstName, code: 'VALIDATION_ERROR' });
    }
  });
});

describe('a possible duplicate', () => {
  const PERSON = { firstName: 'Mona', lastName: 'El-Sayed', phone: '+201002223334', dateOfBirth: '1988-04-02' };

  it.each([
    ['the same again', {}, ['NAME', 'PHONE', 'DATE_OF_BIRTH']],
    [
      'other spellings',
      { firstName: 'MÓNA', lastName: 'el sayed', phone: '0100 222 3334' },
      ['NAME', 'PHONE', 'DATE_OF_BIRTH'],
    ],
    ['names the other way round', { firstName: 'El-Sayed', lastName: 'Mona', phone: null }, ['NAME', 'DATE_OF_BIRTH']],
    ['another name', { firstName: 'Muna', lastName: 'Alsayed' }, ['PHONE', 'DATE_OF_BIRTH']],
    ['the name alone', { phone: null, dateOfBirth: null }, ['NAME']],
  ])('is registered, and the answer lists the other record: %s', async (_, other, matchingOn) => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    const first = await register(clinic, PERSON);
    expect(first).toMatchObject({ status: 201, data: { possibleDuplicates: [] } });
    const again = await register(clinic, { ...PERSON, ...other });
    expect(again.status).toBe(201);
    expect(again.data.possibleDuplicates).toEqual([{ id: first.data.id, emailVerified: false, ...PERSON, matchingOn }]);
  });

  it.each([
    ['a namesake with another number and birth date', { phone: '+201002223335', dateOfBirth: '1990-01-01' }],
    ['a relative with the same number', { firstName: 'Ali', dateOfBirth: '1990-01-01' }],
    ['somebody born on the same day', { firstName: 'Ali', phone: '+201002223335' }],
  ])('is not reported for %s', async (_, other) => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    await register(clinic, PERSON);
    expect((await register(clinic, { ...PERSON, ...other })).data.possibleDuplicates).toEqual([]);
  });

  it('is audited as a read of the records in the answer', async () => {
    const clinic = await openClinic(app);
    const reads = async (): Promise<unknown[]> =>
      (
        await app.db.query(
          `SELECT clinic_id AS "clinicId", changes FROM audit_log WHERE action = 'client.list-read' AND clinic_id = $1`,
          [clinic.id],
        )
      ).rows;
    const { data: first } = await register(clinic, PERSON);
    expect(await reads()).toEqual([]);
    await register(clinic, PERSON);
    expect(await reads()).toEqual([{ clinicId: clinic.id, changes: { clientIds: [first.id] } }]);
  });

  it('is not reported from another clinic', async () => {
    const [here, there] = [await openClinic(app), await openClinic(app)];
    await register(there, PERSON);
    expect((await register(here, PERSON)).data.possibleDuplicates).toEqual([]);
  });

  it('is reported from every clinic at which the caller works', async () => {
    const [here, there] = [await openClinic(app), await openClinic(app)];
    const { data: other } = await register(there, PERSON);
    const body = { ...PERSON, clinicId: here.id };
    const again = await app.call('POST', '/api/v1/clients', { token: await staffTokenAt(here, there), body });
    expect(again.data.possibleDuplicates).toMatchObject([{ id: other.id }]);
  });

  it('is reported for a patient without a clinic only with the same number', async () => {
    const clinic = await openClinic(app);
    const [caller, namesake] = [await app.patient(), await app.patient()];
    const name = `first_name = 'Xenia', last_name = 'Only'`;
    await app.db.query(`UPDATE user_account SET ${name} WHERE id = $1`, [caller.userId]);
    await changeContacts(app, caller.userId, { phone: '+201003334445' });
    await app.db.query(`UPDATE user_account SET ${name} WHERE id = $1`, [namesake.userId]);
    const { data } = await register(clinic, { firstName: 'Xenia', lastName: 'Only', phone: '+20 100 333 4445' });
    expect(data.possibleDuplicates).toMatchObject([{ id: caller.clientId, matchingOn: ['NAME', 'PHONE'] }]);
  });

  it('is rejected with a record number of another patient of the clinic', async () => {
    const [here, there] = [await openClinic(app), await openClinic(app)];
    expect((await register(here, { mrn: ' A-0042 ' })).data.mrn).toBe('A-0042');
    for (const mrn of ['A-0042', 'a-0042 ', 'A -0042', 'a\u20110042', 'A-٠٠٤٢']) {
      expect(await register(here, { mrn })).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' });
    }
    expect((await register(there, { mrn: 'A-0042' })).status).toBe(201);
    const other = (await register(here, { mrn: 'A-0043' })).data;
    const put = (mrn: string | null) =>
      app.call('PUT', `/api/v1/clients/${other.id}`, { token: here.staff, body: { mrn } });
    expect(await put('a-0042')).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' });
    expect(await put('a-0043')).toMatchObject({ status: 200, data: { mrn: 'a-0043' } });
    for (const none of [null, '', ' ']) expect((await put(none as string)).data.mrn).toBeNull();
    const raced = await Promise.all(Array.from({ length: 6 }, () => register(here, { mrn: 'RACE-1' })));
    expect(raced.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });
});

describe('a patient of two clinics', () => {
  it('has a record number and notes at each clinic, which the other clinic can neither read nor overwrite', async () => {
    const [here, there] = [await openClinic(app), await openClinic(app)];
    const patient = await app.patient();
    await bookAt(here, patient, 5);
    await bookAt(there, patient, 6);
    const path = `/api/v1/clients/${patient.clientId}`;
    const write = (token: string, body: object) => app.call('PUT', path, { token, body });
    const first = await write(here.staff, { mrn: 'H-1', notes: 'hears badly' });
    expect(first).toMatchObject({ status: 200, data: { mrn: 'H-1', notes: 'hears badly', clinicId: here.id } });
    expect((await app.call('GET', path, { token: there.staff })).data).toMatchObject({
      mrn: null,
      notes: null,
      clinicId: there.id,
      clinicIds: [there.id],
    });
    await write(there.staff, { mrn: 'T-1', notes: 'needs a lift' });
    await write(there.staff, { notes: null });
    expect((await app.call('GET', path, { token: here.staff })).data).toMatchObject({
      mrn: 'H-1',
      notes: 'hears badly',
    });
    const doctor = app.tokenFor({
      userId: newId(),
      role: 'DOCTOR',
      doctorId: here.doctorIds[0] ?? '',
      clinicIds: [here.id],
    });
    expect((await app.call('GET', path, { token: doctor })).data).toMatchObject({ mrn: 'H-1', notes: 'hears badly' });
    for (const [token, mrn] of [
      [here.staff, 'H-1'],
      [there.staff, 'T-1'],
    ] as const) {
      const { data } = await app.call('GET', `/api/v1/clients`, { token });
      expect(data.map((client: { mrn: string }) => client.mrn)).toEqual([mrn]);
    }
  });

  it('is shown with the data of the requested clinic to staff who work at both', async () => {
    const [here, there] = [await openClinic(app), await openClinic(app)];
    const both = await staffTokenAt(here, there);
    const patient = await app.patient();
    await bookAt(here, patient, 5);
    const path = `/api/v1/clients/${patient.clientId}`;
    const get = async (query = '', token = both) => (await app.call('GET', `${path}${query}`, { token })).data;
    await app.call('PUT', path, { token: both, body: { mrn: 'H-1' } });
    expect(await get()).toMatchObject({ mrn: 'H-1', clinicId: here.id });
    await bookAt(there, patient, 6);
    expect(await get()).toMatchObject({
      mrn: null,
      notes: null,
      clinicId: null,
      clinicIds: [here.id, there.id].sort(),
    });
    const unnamed = await app.call('PUT', path, { token: both, body: { notes: 'whose?' } });
    expect(unnamed).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect(unnamed.body.error.details).toEqual([{ field: 'clinicId', error: expect.any(String) }]);
    const named = { notes: 'ours', clinicId: there.id };
    expect((await app.call('PUT', path, { token: both, body: named })).data).toMatchObject({
      notes: 'ours',
      mrn: null,
    });
    const byQuery = await app.call('PUT', `${path}?clinicId=${there.id}`, { token: both, body: { mrn: 'T-1' } });
    expect(byQuery.data).toMatchObject({ mrn: 'T-1', notes: 'ours', clinicId: there.id });
    for (const token of [both, here.admin]) {
      expect(await get(`?clinicId=${here.id}`, token)).toMatchObject({ mrn: 'H-1', notes: null });
      expect(await get(`?clinicId=${there.id}`, token)).toMatchObject({ mrn: 'T-1', notes: 'ours' });
    }
    expect(await get(`?clinicId=${there.id}`, here.staff)).toMatchObject({ mrn: null, notes: null, clinicId: null });
    const intruder = await app.call('PUT', path, { token: here.staff, body: named });
    expect(intruder).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    const list = await app.call('GET', `/api/v1/clients?clinicId=${there.id}`, { token: both });
    expect(list.data).toMatchObject([{ mrn: 'T-1', notes: 'ours', clinicId: there.id }]);
  });

  it('is audited at the requested clinic, also if its id is in upper case', async () => {
    const [here, there] = [await openClinic(app), await openClinic(app)];
    const both = await staffTokenAt(here, there);
    const patient = await app.patient();
    await bookAt(here, patient, 5);
    await bookAt(there, patient, 6);
    for (const { id } of [here, there]) {
      const read = await app.call('GET', `/api/v1/clients/${patient.clientId}?clinicId=${id.toUpperCase()}`, {
        token: both,
      });
      expect(read.data.clinicId).toBe(id);
    }
    const { rows } = await app.db.query<{ id: string }>(
      `SELECT clinic_id AS id FROM audit_log WHERE action = 'client.read' AND object_id = $1 ORDER BY id`,
      [patient.clientId],
    );
    expect(rows).toEqual([{ id: here.id }, { id: there.id }]);
  });

  it('is audited at each of the reader’s clinics that has the patient, if none is requested', async () => {
    const [here, there, elsewhere] = [await openClinic(app), await openClinic(app), await openClinic(app)];
    const reader = await staffTokenAt(here, there, elsewhere);
    const patient = await app.patient();
    await bookAt(here, patient, 5);
    await bookAt(there, patient, 6);
    expect((await app.call('GET', `/api/v1/clients/${patient.clientId}`, { token: reader })).status).toBe(200);
    const { rows } = await app.db.query<{ id: string }>(
      `SELECT clinic_id AS id FROM audit_log WHERE action = 'client.read' AND object_id = $1 ORDER BY clinic_id`,
      [patient.clientId],
    );
    expect(rows.map(({ id }) => id)).toEqual([here.id, there.id].sort());
  });
});

describe('a clinic', () => {
  it('has access to patients whom it registered or who have an appointment that is not cancelled', async () => {
    const [here, there] = [await openClinic(app), await openClinic(app)];
    const patient = await app.patient();
    const path = `/api/v1/clients/${patient.clientId}`;
    const serviceId = await aService(app, there);
    await bookAt(here, patient, 5);
    const sees = async () => ({
      one: (await app.call('GET', path, { token: there.staff })).status,
      list: (await app.call('GET', '/api/v1/clients', { token: there.staff })).data.length,
      write: (await app.call('PUT', path, { token: there.staff, body: { notes: 'kept' } })).status,
      message: (
        await app.call('POST', '/api/v1/notifications', {
          token: there.staff,
          body: {
            clinicId: there.id,
            clientIds: [patient.clientId],
            template: 'MESSAGE_FROM_CLINIC',
            channels: ['IN_APP'],
            message: 'Hello',
          },
        })
      ).status,
    });
    const nothing = { one: 404, list: 0, write: 404, message: 400 };
    const everything = { one: 200, list: 1, write: 200, message: 201 };
    expect(await sees()).toEqual(nothing);
    const visit = await bookAt(there, patient, 6);
    expect(await sees()).toEqual(everything);
    await cancel(patient, visit);
    expect(await sees()).toEqual(nothing);
    const body = { serviceId, doctorId: there.doctorIds[0], startDateTime: at(7), clientId: patient.clientId };
    expect((await app.call('POST', '/api/v1/appointments', { token: there.staff, body })).status).toBe(404);
    await bookAt(there, patient, 8);
    expect((await app.call('GET', path, { token: there.staff })).data.notes).toBe('kept');

    const { data: own } = await register(there, { notes: 'ours' });
    const walkIn = { serviceId, doctorId: there.doctorIds[0], startDateTime: at(9), clientId: own.id };
    const booked = await app.call('POST', '/api/v1/appointments', { token: there.staff, body: walkIn });
    expect(booked.status).toBe(201);
    await app.call('DELETE', `/api/v1/appointments/${booked.data.id}`, { token: there.staff });
    expect((await app.call('GET', `/api/v1/clients/${own.id}`, { token: there.staff })).data.notes).toBe('ours');
  });

  it('can read a patient without a clinic, and write only after linking them', async () => {
    const clinic = await openClinic(app);
    const patient = await app.patient();
    const path = `/api/v1/clients/${patient.clientId}`;
    const edits = [{ notes: 'x' }, { firstName: 'X' }, { phone: '+201001234567' }, { dateOfBirth: '1980-01-01' }, {}];
    expect((await app.call('GET', path, { token: clinic.staff })).status).toBe(200);
    for (const body of edits) {
      for (const token of [clinic.staff, clinic.manager]) {
        expect(await app.call('PUT', path, { token, body })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
      }
    }
    const { rows } = await app.db.query('SELECT first_name, phone FROM user_account WHERE id = $1', [patient.userId]);
    expect(rows).toEqual([{ first_name: 'Pat', phone: null }]);
    const serviceId = await aService(app, clinic);
    const visit = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(5), clientId: patient.clientId };
    expect((await app.call('POST', '/api/v1/appointments', { token: clinic.staff, body: visit })).status).toBe(201);
    for (const body of edits) expect((await app.call('PUT', path, { token: clinic.staff, body })).status).toBe(200);
  });
});

describe('a list of clinical data', () => {
  it('creates one audit row with the patients for each request of a doctor or the front desk, and none for a patient', async () => {
    const clinic = await openClinic(app);
    const patients = await app.patients(2);
    for (const [index, patient] of patients.entries()) await bookAt(clinic, patient, 5 + index);
    const clientIds = patients.map(({ clientId }) => clientId).sort();
    const doctorId = clinic.doctorIds[0] as string;
    const reader = { userId: newId(), clinicIds: [clinic.id] };
    const staff = app.tokenFor({ ...reader, role: 'STAFF' });
    const doctor = app.tokenFor({ ...reader, role: 'DOCTOR', doctorId });
    const readAuditRows = async () =>
      (
        await app.db.query(
          `SELECT action, actor_role AS role, clinic_id AS "clinicId", changes->'clientIds' AS ids FROM audit_log
           WHERE actor_user_id = ANY ($1) AND action LIKE '%.list-read' ORDER BY id`,
          [[reader.userId, ...patients.map(({ userId }) => userId)]],
        )
      ).rows.map(({ ids, ...row }) => ({ ...row, ids: ids.sort() }));
    const calls: [string, string, string, string[]][] = [
      [staff, 'STAFF', 'clients', clientIds],
      [staff, 'STAFF', 'clients?q=nobody-at-all', []],
      [staff, 'STAFF', 'appointments', clientIds],
      [doctor, 'DOCTOR', 'clients', clientIds],
      [doctor, 'DOCTOR', 'appointments', clientIds],
      [doctor, 'DOCTOR', 'scans', []],
    ];
    for (const [token, , path] of calls) expect((await app.call('GET', `/api/v1/${path}`, { token })).status).toBe(200);
    for (const path of ['appointments', 'scans'])
      await app.call('GET', `/api/v1/${path}`, { token: patients[0]?.token });
    expect(await readAuditRows()).toEqual(
      calls.map(([, role, path, ids]) => ({
        action: `${(path.split('?')[0] as string).slice(0, -1)}.list-read`,
        role,
        clinicId: clinic.id,
        ids,
      })),
    );
  });
});
