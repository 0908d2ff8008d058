import {
  EXPANDABLE,
  type Expandable,
  type ShortDoctorView,
  type ShortResourceView,
  type ShortServiceView,
} from './short-objects.dto.js';

const SHORT_DOCTOR = `json_build_object('id', d.id, 'title', d.title, 'firstName', d.first_name, 'lastName', d.last_name, 'speciality', d.speciality)`;
const SHORT_SERVICE = `json_build_object('id', s.id, 'name', s.name, 'durationMinutes', s.duration_minutes, 'mode', s.mode)`;
const SHORT_RESOURCE = `json_build_object('id', r.id, 'kind', r.kind, 'name', r.name)`;

/**
 * Subqueries for the SELECT of `appointment a`: PostgreSQL evaluates them only for the rows of the page. Hand-written SQL: lists are hot, and
 * are read with their short objects by one statement.
 */
const COLUMNS: Record<Expandable, string> = {
  client: `(SELECT json_build_object('id', c.id, 'firstName', u.first_name, 'lastName', u.last_name)
            FROM client c JOIN user_account u ON u.id = c.user_id WHERE c.id = a.client_id) AS client`,
  doctor: `(SELECT ${SHORT_DOCTOR} FROM doctor d WHERE d.id = a.doctor_id) AS doctor`,
  service: `(SELECT ${SHORT_SERVICE} FROM service s WHERE s.id = a.service_id) AS service`,
  resources: `(SELECT coalesce(json_agg(${SHORT_RESOURCE} ORDER BY r.name, r.id), '[]')
               FROM resource r WHERE r.id = ANY (a.resource_ids)) AS resources`,
};

/** The columns of short objects, each with a comma before it. The order does not depend on the request, so statements stay prepared. */
export const shortObjects = (expand: readonly Expandable[] = []): string =>
  EXPANDABLE.filter((name) => expand.includes(name))
    .map((name) => `, ${COLUMNS[name]}`)
    .join('');

/** The row of SHORT_OBJECTS. */
export interface ShortObjectsRow {
  doctors: ShortDoctorView[];
  services: ShortServiceView[];
  /** By name. */
  resources: ShortResourceView[];
}

/** Selects short objects by the ids of doctors, services and resources. Hand-written SQL: hot (a clinic's day), one statement for three tables. */
export const SHORT_OBJECTS = `
  SELECT
    (SELECT coalesce(json_agg(${SHORT_DOCTOR}), '[]') FROM doctor d WHERE d.id = ANY ($1::uuid[])) AS doctors,
    (SELECT coalesce(json_agg(${SHORT_SERVICE}), '[]') FROM service s WHERE s.id = ANY ($2::uuid[])) AS services,
    (SELECT coalesce(json_agg(${SHORT_RESOURCE} ORDER BY r.name, r.id), '[]')
     FROM resource r WHERE r.id = ANY ($3::uuid[])) AS resources`;
