import type { Actor } from '../../core/kernel/actor.js';
import type { EncryptedTexts } from './appointment-texts.js';
import type { AppointmentView } from './appointments.dto.js';

/** A view as it is read, with encrypted texts. */
export type ViewRow = Omit<AppointmentView, keyof EncryptedTexts> & EncryptedTexts;

/** The columns of the patient's view of an appointment. @param price selects the price */
const patientColumns = (price: string): string => `
  a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
  a.resource_ids AS "resourceIds", a.start_at AS "startDateTime", a.end_at AS "endDateTime", a.status, a.notes,
  a.insurance_note AS "insuranceNote",
  ${price}, a.series_id AS "seriesId", a.group_id AS "groupId", a.version,
  a.client_confirmed_at AS "clientConfirmedAt", a.checked_in_at AS "checkedInAt", a.started_at AS "startedAt",
  a.completed_at AS "completedAt", a.cancelled_at AS "cancelledAt", a.cancel_reason AS "cancelReason",
  a.created_at AS "createdAt", a.updated_at AS "updatedAt"`;

const PATIENT_COLUMNS = patientColumns(
  `json_build_object('amount', a.price_minor, 'currency', a.currency, 'taxBasisPoints', a.tax_basis_points) AS price`,
);
const STAFF_NOTES = 'a.staff_notes AS "staffNotes"';

/** Selects the view of the doctor and the front desk. */
export const STAFF_COLUMNS = `${PATIENT_COLUMNS}, ${STAFF_NOTES}`;

/** The same without JSON: the price is two columns. */
export const PLAIN_STAFF_COLUMNS = `${patientColumns('a.price_minor::float8 AS amount, a.currency, a.tax_basis_points AS "taxBasisPoints"')}, ${STAFF_NOTES}`;

/** Fields that the role must not see are not read from the database. */
export const columnsFor = ({ role }: Pick<Actor, 'role'>): string =>
  role === 'CLIENT' ? PATIENT_COLUMNS : STAFF_COLUMNS;
