import type { Actor } from '../../core/kernel/actor.js';
import type { BindValue } from '../../core/http/page.js';
import { hasTrustedAddress, personMatches } from '../users/index.js';

/** A search text and what is computed from it. */
export interface PatientSearch {
  q: string;
  /** The blind index of the text as an e-mail address. */
  emailIndex: Buffer;
  /** The blind indexes of the telephone numbers that the text can mean. */
  phoneIndexes: readonly Buffer[];
  /** The blind index of the text as a record number; null if it cannot be one. */
  mrnIndex: Buffer | null;
  /** The blind indexes of the dates that the text can mean. */
  birthIndexes: readonly Buffer[];
}

/** The SQL condition on `client c` that one of the clinics knows the patient (by the view `clinic_patient`). */
export const isPatientAt = (clinicIds: readonly string[], bind: BindValue): string =>
  `EXISTS (SELECT FROM clinic_patient x WHERE x.client_id = c.id AND x.clinic_id = ANY (${bind(clinicIds)}::uuid[]))`;

/**
 * The SQL condition on `client c` and `user_account u` that the actor may read the record. A doctor reads the records of their
 * own patients, the front desk those of its clinics' patients. The front desk finds a patient without a clinic only by their
 * complete telephone number or e-mail address, and not if they registered and never verified an address: anybody can register
 * with the number of somebody else.
 */
export function visibleTo(actor: Actor, search: PatientSearch | null, bind: BindValue): string {
  if (actor.role === 'ADMIN') return 'true';
  if (actor.role === 'DOCTOR') {
    return `EXISTS (SELECT FROM appointment a WHERE a.client_id = c.id AND a.status <> 'CANCELLED'
      AND a.doctor_id = ${bind(actor.doctorId)}::uuid)`;
  }
  const own = isPatientAt(actor.clinicIds, bind);
  if (!search) return own;
  const complete = [`u.email_index = ${bind(search.emailIndex)}`, ...matchPhone(search, bind)];
  return `(${own} OR (${HAS_NO_CLINIC} AND ${hasTrustedAddress('u')} AND (${complete.join(' OR ')})))`;
}

const HAS_NO_CLINIC = `NOT EXISTS (SELECT FROM clinic_patient y WHERE y.client_id = c.id)`;

/**
 * The SQL condition on `client c` that a patient matches by name, e-mail address, telephone number, record number or date of
 * birth. The parts are joined by UNION so that each can use its index.
 * @param clinicIds the clinics whose record numbers are searched; null for all
 * @param column the SQL column with the patient's id
 */
export function matchesSearch(
  search: PatientSearch,
  clinicIds: readonly string[] | null,
  bind: BindValue,
  column = 'c.id',
): string {
  const { q } = search;
  const byPerson = [...personMatches(q, search.emailIndex, bind), ...matchPhone(search, bind)].map(
    (condition) => `SELECT p.id FROM client p JOIN user_account u ON u.id = p.user_id
      WHERE u.deleted_at IS NULL AND ${condition}`,
  );
  const inClinics = clinicIds ? `AND r.clinic_id = ANY (${bind(clinicIds)}::uuid[])` : '';
  // A merged record keeps its number if the other record has one, too: it finds the record that stays.
  const byMrn = `SELECT coalesce(m.merged_into_id, m.id) FROM client_clinic r JOIN client m ON m.id = r.client_id
    WHERE r.mrn_index = ${bind(search.mrnIndex)}::bytea ${inClinics}`;
  return `${column} IN (${[...byPerson, byMrn, ...matchBirthDate(search, bind)].join(' UNION ')})`;
}

function matchBirthDate({ birthIndexes }: PatientSearch, bind: BindValue): string[] {
  if (birthIndexes.length === 0) return [];
  return [`SELECT b.id FROM client b WHERE b.birth_index = ANY (${bind(birthIndexes)}::bytea[])`];
}

const matchPhone = ({ phoneIndexes }: PatientSearch, bind: BindValue): string[] =>
  phoneIndexes.length === 0 ? [] : [`u.phone_index = ANY (${bind(phoneIndexes)}::bytea[])`];
