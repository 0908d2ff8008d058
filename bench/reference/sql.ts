/** Named statements, which are parsed once per connection. */
export interface Statement {
  name: string;
  text: string;
}

const DOCTOR = `
  d.id, d.clinic_id AS "clinicId", d.user_id AS "userId", d.resource_id AS "resourceId", d.title,
  d.first_name AS "firstName", d.last_name AS "lastName", d.speciality, d.bio, d.languages, d.photo_url AS "photoUrl",
  ARRAY(SELECT sd.service_id FROM service_doctor sd WHERE sd.doctor_id = d.id ORDER BY sd.service_id) AS "serviceIds",
  d.is_active AS "isActive", d.version`;

export const FIND_DOCTOR: Statement = {
  name: 'find_doctor',
  text: `SELECT ${DOCTOR} FROM doctor d WHERE d.id = $1 AND d.deleted_at IS NULL AND d.is_active`,
};

export const LIST_DOCTORS: Statement = {
  name: 'list_doctors',
  text: `SELECT ${DOCTOR} FROM doctor d WHERE d.deleted_at IS NULL AND d.is_active
         ORDER BY d.last_name, d.id LIMIT $1`,
};

// The ids as JSON: pg takes far longer to parse an array of a hundred than JSON.parse does.
export const LIST_SERVICES: Statement = {
  name: 'list_services',
  text: `
    SELECT s.id, s.clinic_id AS "clinicId", s.name, s.description, s.duration_minutes AS "durationMinutes",
           s.buffer_before_minutes AS "bufferBeforeMinutes", s.buffer_after_minutes AS "bufferAfterMinutes",
           json_build_object('amount', s.price_minor, 'currency', s.currency) AS price, s.mode, s.capacity,
           to_json(ARRAY(SELECT sd.doctor_id FROM service_doctor sd WHERE sd.service_id = s.id
                         ORDER BY sd.doctor_id)) AS "doctorIds",
           s.required_resource_kinds AS "requiredResourceKinds", s.is_default AS "isDefault",
           s.is_active AS "isActive", s.version
    FROM service s WHERE s.deleted_at IS NULL AND s.is_active
    ORDER BY s.id LIMIT $1`,
};

export const FIND_USER: Statement = {
  name: 'find_user',
  text: `
    SELECT u.id, k.email, u.password_hash AS "passwordHash", u.role, u.first_name AS "firstName", u.last_name AS "lastName",
           k.phone, u.time_zone AS "timeZone", u.locale, u.email_verified_at IS NOT NULL AS "emailVerified", u.version,
           u.created_at AS "createdAt", u.updated_at AS "updatedAt", c.id AS "clientId", d.id AS "doctorId",
           ARRAY(SELECT uc.clinic_id FROM user_clinic uc WHERE uc.user_id = u.id) AS "clinicIds"
    FROM bench_contact k JOIN user_account u ON u.id = k.user_id
    LEFT JOIN client c ON c.user_id = u.id LEFT JOIN doctor d ON d.user_id = u.id
    WHERE k.email = $1 AND u.deleted_at IS NULL`,
};

const ms = (instant: string): string => `(extract(epoch FROM ${instant}) * 1000)::float8`;

// Service, policy, hours, exceptions and busy times of the doctor, and of the rooms if the service needs one, in one round trip.
export const AVAILABILITY: Statement = {
  name: 'availability',
  text: `
    WITH asked AS (
      SELECT s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes, s.required_resource_kinds, s.clinic_id,
             c.time_zone, c.slot_step_minutes, c.minimum_notice_minutes, c.horizon_days, d.resource_id
      FROM service s JOIN clinic c ON c.id = s.clinic_id
      JOIN service_doctor sd ON sd.service_id = s.id JOIN doctor d ON d.id = sd.doctor_id
      WHERE s.id = $1 AND d.id = $2 AND s.is_active AND d.is_active AND s.deleted_at IS NULL AND d.deleted_at IS NULL
    ), candidate AS (
      SELECT a.resource_id AS id, 'PERSONNEL' AS kind FROM asked a
      UNION ALL
      SELECT r.id, r.kind FROM asked a JOIN resource r ON r.clinic_id = a.clinic_id AND r.kind = ANY (a.required_resource_kinds)
      WHERE r.is_active AND r.deleted_at IS NULL AND r.kind <> 'PERSONNEL'
    )
    SELECT a.time_zone AS "timeZone", a.duration_minutes AS duration, a.buffer_before_minutes AS before,
           a.buffer_after_minutes AS after, a.slot_step_minutes AS step, a.minimum_notice_minutes AS notice,
           a.horizon_days AS "horizonDays", a.required_resource_kinds AS kinds,
      (SELECT json_agg(json_build_object('kind', t.kind,
         'rules', (SELECT json_agg(json_build_array(w.weekday, w.start_minute, w.end_minute, w.valid_from, w.valid_to))
                   FROM weekly_rule w WHERE w.resource_id = t.id),
         'exceptions', (SELECT json_agg(json_build_array(e.kind, e.from_day, e.to_day, e.start_minute, e.end_minute))
                        FROM schedule_exception e
                        WHERE e.resource_id = t.id AND e.to_day >= $3::timestamptz::date - 2
                          AND e.from_day <= $4::timestamptz::date + 2),
         'busy', (SELECT json_agg(json_build_array(${ms('lower(v.during)')}, ${ms('upper(v.during)')}) ORDER BY v.during)
                  FROM reservation v
                  WHERE v.resource_id = t.id AND v.active AND v.during && tstzrange($3, $4)))) FROM candidate t) AS resources
    FROM asked a`,
};

const APPOINTMENT = `
  a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
  a.resource_ids AS "resourceIds", a.start_at AS "startDateTime", a.end_at AS "endDateTime", a.status, convert_from(a.notes, 'UTF8') AS notes,
  json_build_object('amount', a.price_minor, 'currency', a.currency) AS price, a.version,
  a.checked_in_at AS "checkedInAt", a.started_at AS "startedAt", a.completed_at AS "completedAt", a.cancelled_at AS "cancelledAt", convert_from(a.cancel_reason, 'UTF8') AS "cancelReason",
  a.created_at AS "createdAt", a.updated_at AS "updatedAt"`;

// One statement, one round trip, no explicit transaction. If nothing was reserved, it returns no row. If only a part was reserved,
// the appointment is not written, the foreign key of the reservations fails, and the statement is rolled back.
export const BOOK: Statement = {
  name: 'book',
  text: `
    WITH terms AS (
      SELECT s.id AS service_id, s.clinic_id, s.price_minor, s.currency, d.id AS doctor_id, d.resource_id,
             $4::timestamptz AS starts, $4::timestamptz + make_interval(mins => s.duration_minutes) AS ends,
             make_interval(mins => s.buffer_before_minutes) AS before, make_interval(mins => s.buffer_after_minutes) AS after
      FROM service s JOIN service_doctor sd ON sd.service_id = s.id JOIN doctor d ON d.id = sd.doctor_id
      WHERE s.id = $2 AND d.id = $3 AND s.is_active AND d.is_active AND s.deleted_at IS NULL AND d.deleted_at IS NULL
    ), reserved AS (
      INSERT INTO reservation (appointment_id, resource_id, kind, group_id, during)
      SELECT $1, w.id, w.kind, $1, w.during
      FROM terms t CROSS JOIN LATERAL (VALUES
        (t.resource_id, 'DOCTOR', tstzrange(t.starts - t.before, t.ends + t.after)),
        ($5::uuid, 'CLIENT', tstzrange(t.starts, t.ends))) w (id, kind, during)
      ORDER BY w.id
      ON CONFLICT DO NOTHING RETURNING 1
    ), a AS (
      INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, notes,
                               price_minor, currency, created_by)
      SELECT $1, t.clinic_id, $5, t.doctor_id, t.service_id, t.starts, t.ends, 'CONFIRMED', convert_to($6, 'UTF8'), t.price_minor, t.currency, $7
      FROM terms t WHERE (SELECT count(*) FROM reserved) = 2
      RETURNING *
    )
    SELECT ${APPOINTMENT} FROM a`,
};
