import type { Role } from '../../src/core/kernel/actor.js';
import { newId } from '../../src/core/kernel/id.js';
import type { TestApp } from './app.js';
import { changeContacts } from './encrypted.js';

export interface TestClinic {
  id: string;
  doctorIds: string[];
  roomIds: string[];
  equipmentIds: string[];
  /** The tokens of a member of the front desk and a manager of only this clinic, and of an administrator. */
  staff: string;
  manager: string;
  admin: string;
}

export interface ClinicOptions {
  doctors?: number;
  rooms?: number;
  equipment?: number;
  timeZone?: string;
  policy?: object;
  /** Weekly hours on every day. */
  hours?: { start: string; end: string };
}

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** Creates a clinic for one test over HTTP. Default: open 24 hours, in UTC, bookable at once. */
export async function openClinic(app: TestApp, options: ClinicOptions = {}): Promise<TestClinic> {
  const { doctors = 1, rooms = 0, equipment = 0, timeZone = 'UTC', policy, hours } = options;
  const admin = app.tokenFor({ userId: await createAccount(app, 'ADMIN'), role: 'ADMIN' });
  const make = async (path: string, body: object): Promise<string> => {
    const answer = await app.call<{ id: string }>('POST', `/api/v1/${path}`, { token: admin, body });
    if (answer.status !== 201) throw new Error(`${path} returned ${JSON.stringify(answer.body)}`);
    return answer.data.id;
  };
  const each = async (count: number, work: (n: number) => Promise<string>): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 1; n <= count; n += 1) ids.push(await work(n));
    return ids;
  };
  const id = await make('clinics', {
    name: 'Test clinic',
    timeZone,
    policy: { slotStepMinutes: 15, minimumNoticeMinutes: 0, cancellationCutoffMinutes: 0, ...policy },
  });
  const doctorIds = await each(doctors, (n) =>
    make('doctors', { clinicId: id, firstName: 'Doc', lastName: `No ${n}`, speciality: 'General practice' }),
  );
  const rules = EVERY_DAY.map((weekday) => ({ weekday, start: '00:00', end: '24:00', ...hours }));
  for (const doctorId of doctorIds)
    await app.call('PUT', `/api/v1/doctors/${doctorId}/schedule`, { token: admin, body: { rules } });
  const resource = (kind: string) => (n: number) => make('resources', { clinicId: id, kind, name: `${kind} ${n}` });
  const roomIds = await each(rooms, resource('ROOM'));
  const equipmentIds = await each(equipment, resource('EQUIPMENT'));
  const createMember = async (role: 'STAFF' | 'MANAGER'): Promise<string> => {
    const userId = await createAccount(app, role, { clinicIds: [id] });
    return app.tokenFor({ userId, role, clinicIds: [id] });
  };
  const [staff, manager] = [await createMember('STAFF'), await createMember('MANAGER')];
  return { id, doctorIds, roomIds, equipmentIds, staff, manager, admin };
}

/** Creates a service that all doctors of the clinic provide. */
export async function aService(app: TestApp, clinic: TestClinic, fields: object = {}): Promise<string> {
  const { data, body } = await app.call('POST', '/api/v1/services', {
    token: clinic.admin,
    body: {
      clinicId: clinic.id,
      name: 'Visit',
      durationMinutes: 30,
      price: { amount: 100, currency: 'USD' },
      doctorIds: clinic.doctorIds,
      ...fields,
    },
  });
  if (!data) throw new Error(JSON.stringify(body));
  return data.id as string;
}

/** Returns a time on a future day: `at(3, '09:30')`. */
export const at = (daysAhead: number, time = '09:00'): string =>
  `${new Date(Date.now() + daysAhead * 86_400_000).toISOString().slice(0, 10)}T${time}:00.000Z`;

export interface AccountFields {
  firstName?: string;
  lastName?: string;
  email?: string;
  clinicIds?: readonly string[];
}

/** Creates an account without a password. Its default e-mail address begins with its id. @returns the id */
export async function createAccount(app: TestApp, role: Role, fields: AccountFields = {}): Promise<string> {
  const id = newId();
  const { firstName = 'At', lastName = 'Work', email = `${id}@work.test`, clinicIds = [] } = fields;
  await app.db.query('INSERT INTO user_account (id, role, first_name, last_name) VALUES ($1, $2, $3, $4)', [
    ...[id, role, firstName, lastName],
  ]);
  await changeContacts(app, id, { email });
  await app.db.query('INSERT INTO user_clinic (user_id, clinic_id) SELECT $1, unnest($2::uuid[])', [id, clinicIds]);
  return id;
}
