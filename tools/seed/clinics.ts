import type pg from 'pg';
import { countryOfZone } from '../../src/core/kernel/country.js';
import { newId } from '../../src/core/kernel/id.js';
import type { DemoClinic, DemoService } from './catalogue.js';

/** A demo clinic and the ids of its rows in the database. */
export interface SeededClinic {
  clinic: DemoClinic;
  clinicId: string;
  doctors: { id: string; resourceId: string; speciality: string }[];
  services: (DemoService & { id: string })[];
  /** The ids of the rooms and the equipment. */
  resources: { ROOM: string[]; EQUIPMENT: string[] };
  clients: string[];
}

export async function seedClinic(db: pg.Client, clinic: DemoClinic): Promise<SeededClinic> {
  const clinicId = clinic.ids?.clinicId ?? newId();
  await db.query(
    `INSERT INTO clinic (id, name, time_zone, phone, address, emergency_number, slot_step_minutes, minimum_notice_minutes,
                         country, locale)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 30, $8, $9)`,
    [
      clinicId,
      clinic.name,
      clinic.timeZone,
      clinic.phone,
      clinic.address,
      clinic.emergencyNumber,
      clinic.slotStepMinutes,
      countryOfZone(clinic.timeZone),
      clinic.locale,
    ],
  );
  const seeded: SeededClinic = {
    clinic,
    clinicId,
    doctors: [],
    services: [],
    resources: { ROOM: [], EQUIPMENT: [] },
    clients: [],
  };
  for (const [kind, names] of [
    ['ROOM', clinic.rooms],
    ['EQUIPMENT', clinic.equipment],
  ] as const) {
    for (const name of names) seeded.resources[kind].push(await insertResource(db, clinicId, kind, name));
  }
  for (const [index, doctor] of clinic.doctors.entries())
    seeded.doctors.push(await seedDoctor(db, seeded, doctor, index));
  for (const [index, service] of clinic.services.entries())
    seeded.services.push(await seedService(db, seeded, service, index));
  return seeded;
}

async function insertResource(db: pg.Client, clinicId: string, kind: string, name: string): Promise<string> {
  const id = newId();
  await db.query(`INSERT INTO resource (id, clinic_id, kind, name) VALUES ($1, $2, $3, $4)`, [
    id,
    clinicId,
    kind,
    name,
  ]);
  return id;
}

async function seedDoctor(
  db: pg.Client,
  { clinicId, clinic }: SeededClinic,
  [firstName, lastName, speciality, bio]: DemoClinic['doctors'][number],
  index: number,
): Promise<SeededClinic['doctors'][number]> {
  const id = (index === 0 && clinic.ids?.doctorId) || newId();
  const resourceId = await insertResource(db, clinicId, 'PERSONNEL', `Dr ${firstName} ${lastName}`);
  await db.query(
    `INSERT INTO doctor (id, clinic_id, resource_id, title, first_name, last_name, speciality, bio, languages)
     VALUES ($1, $2, $3, 'Dr', $4, $5, $6, $7, $8)`,
    [
      id,
      clinicId,
      resourceId,
      firstName,
      lastName,
      speciality,
      bio,
      clinic.locale === 'ar' ? ['ar', 'en'] : ['en', 'hi', 'kn'],
    ],
  );
  await seedSchedule(db, resourceId, index);
  return { id, resourceId, speciality };
}

/** Working hours on all seven days with a midday break, so that every day has free slots. */
async function seedSchedule(db: pg.Client, resourceId: string, index: number): Promise<void> {
  const windows =
    index % 3 === 2
      ? [
          [10 * 60, 14 * 60],
          [15 * 60, 19 * 60],
        ]
      : [
          [9 * 60, 13 * 60],
          [14 * 60, 17 * 60],
        ];
  for (let weekday = 1; weekday <= 7; weekday += 1) {
    for (const [start, end] of windows) {
      await db.query(
        `INSERT INTO weekly_rule (resource_id, weekday, start_minute, end_minute) VALUES ($1, $2, $3, $4)`,
        [resourceId, weekday, start, end],
      );
    }
  }
  if (index % 6 !== 5) return;
  await db.query(
    `INSERT INTO schedule_exception (id, resource_id, kind, from_day, to_day, reason)
     VALUES ($1, $2, 'CLOSED', current_date + 20, current_date + 26, 'Annual leave')`,
    [newId(), resourceId],
  );
}

async function seedService(
  db: pg.Client,
  { clinicId, clinic, doctors }: SeededClinic,
  service: DemoService,
  index: number,
): Promise<DemoService & { id: string }> {
  const id = (index === 0 && clinic.ids?.serviceId) || newId();
  await db.query(
    `INSERT INTO service (id, clinic_id, name, description, duration_minutes, buffer_after_minutes, price_minor, currency,
                          mode, capacity, required_resource_kinds)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      id,
      clinicId,
      service.name,
      service.description,
      service.minutes,
      service.after,
      service.price,
      clinic.currency,
      service.mode ?? 'IN_PERSON',
      service.capacity ?? 1,
      service.needs,
    ],
  );
  const serviceDoctors = doctors.filter(({ speciality }) => service.specialities.includes(speciality));
  await db.query(`INSERT INTO service_doctor (service_id, doctor_id) SELECT $1, unnest($2::uuid[])`, [
    id,
    serviceDoctors.map((doctor) => doctor.id),
  ]);
  return { ...service, id };
}
