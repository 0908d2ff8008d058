import type { TestApp } from './app.js';

/** A service, a doctor who provides it, and the doctor's free start times. */
export interface BookableService {
  serviceId: string;
  doctorId: string;
  slots: string[];
}

/** Finds a service by name, one of its doctors, and that doctor's free slots from the ninth day on. */
export async function findBookableService(app: TestApp, serviceName: string, days = 30): Promise<BookableService> {
  const { rows } = await app.db.query<{ serviceId: string; doctorId: string }>(
    `SELECT s.id AS "serviceId", sd.doctor_id AS "doctorId" FROM service s JOIN service_doctor sd ON sd.service_id = s.id
     WHERE s.name = $1 ORDER BY sd.doctor_id LIMIT 1`,
    [serviceName],
  );
  const found = rows[0];
  if (!found) throw new Error(`no service ${serviceName}`);
  return { ...found, slots: await freeStarts(app, found, days) };
}

export async function freeStarts(
  app: TestApp,
  { serviceId, doctorId }: { serviceId: string; doctorId: string },
  days = 30,
): Promise<string[]> {
  const [from, to] = [8, 8 + days].map((ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10));
  const answer = await app.call<{ startDateTime: string }[]>(
    'GET',
    `/api/v1/availability?serviceId=${serviceId}&doctorId=${doctorId}&from=${from}&to=${to}`,
  );
  return answer.data.map(({ startDateTime }) => startDateTime);
}
