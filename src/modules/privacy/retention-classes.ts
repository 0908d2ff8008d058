import type { RetentionSettings } from '../../core/config/retention-settings.js';

/** Data that is deleted or pseudonymised a number of days after it was created or a visit ended. */
export interface RetentionClass {
  name: string;
  setting: keyof RetentionSettings;
  /** SQL: the ids of due rows. `$1` is the time before which they are due. */
  due: string;
  /** SQL that changes the rows of `due_row (id)`. */
  statements: readonly string[];
}

const APPOINTMENT_TEXTS =
  'a.notes IS NOT NULL OR a.staff_notes IS NOT NULL OR a.insurance_note IS NOT NULL OR a.cancel_reason IS NOT NULL';

export const RETENTION_CLASSES: readonly RetentionClass[] = [
  {
    name: 'messages',
    setting: 'RETENTION_MESSAGE_DAYS',
    due: `SELECT n.id FROM notification n WHERE n.created_at < $1::timestamptz AND n.state IN ('SENT', 'SKIPPED', 'FAILED')`,
    statements: ['DELETE FROM notification WHERE id = ANY ($1::uuid[])'],
  },
  {
    name: 'visit-texts',
    setting: 'RETENTION_VISIT_TEXT_DAYS',
    due: `SELECT a.id FROM appointment a WHERE a.end_at < $1::timestamptz AND (${APPOINTMENT_TEXTS}
            OR EXISTS (SELECT FROM appointment_note_change h WHERE h.appointment_id = a.id))`,
    statements: [
      'DELETE FROM appointment_note_change WHERE appointment_id = ANY ($1::uuid[])',
      `UPDATE appointment SET notes = NULL, staff_notes = NULL, insurance_note = NULL, cancel_reason = NULL
       WHERE id = ANY ($1::uuid[])`,
    ],
  },
  {
    name: 'queue-reasons',
    setting: 'RETENTION_VISIT_TEXT_DAYS',
    due: `SELECT q.id FROM queue_entry q WHERE q.day < ($1::timestamptz AT TIME ZONE 'UTC')::date AND q.move_reasons IS NOT NULL`,
    statements: ['UPDATE queue_entry SET move_reasons = NULL WHERE id = ANY ($1::uuid[])'],
  },
  {
    name: 'referral-reasons',
    setting: 'RETENTION_VISIT_TEXT_DAYS',
    due: 'SELECT r.id FROM referral r WHERE r.valid_to < $1::timestamptz AND r.reason IS NOT NULL',
    statements: ['UPDATE referral SET reason = NULL WHERE id = ANY ($1::uuid[])'],
  },
  {
    name: 'scans',
    setting: 'RETENTION_SCAN_DAYS',
    due: 'SELECT s.id FROM scan s WHERE s.created_at < $1::timestamptz AND s.deleted_at IS NULL',
    statements: [
      // An upload to the set waits, or has ended: a set with a new image is not deleted.
      `SELECT t.id FROM scan_set t WHERE t.id IN (SELECT s.scan_set_id FROM scan s WHERE s.id = ANY ($1::uuid[]))
       ORDER BY t.id FOR NO KEY UPDATE`,
      // A finding about a set is not kept without one of its images.
      `DELETE FROM scan_analysis WHERE scan_id = ANY ($1::uuid[])
         OR scan_set_id = ANY (ARRAY(SELECT s.scan_set_id FROM scan s WHERE s.id = ANY ($1::uuid[])))`,
      // The sweep of scans deletes the files.
      `UPDATE scan SET deleted_at = now(), kind = NULL, taken_at = NULL, original_sha256 = '', renditions = '{}', quality = NULL,
         dicom = NULL, deidentification = NULL, no_picture = NULL WHERE id = ANY ($1::uuid[])`,
      `UPDATE scan_set t SET deleted_at = now(), study_instance_uid = '', kind = NULL, taken_at = NULL
       WHERE t.id IN (SELECT s.scan_set_id FROM scan s WHERE s.id = ANY ($1::uuid[]))
         AND NOT EXISTS (SELECT FROM scan s WHERE s.scan_set_id = t.id AND s.deleted_at IS NULL)`,
    ],
  },
  {
    name: 'stroke-assessments',
    setting: 'RETENTION_ASSESSMENT_DAYS',
    due: 'SELECT x.id FROM stroke_assessment x WHERE x.created_at < $1::timestamptz',
    statements: ['DELETE FROM stroke_assessment WHERE id = ANY ($1::uuid[])'],
  },
  {
    name: 'emergency-access-reasons',
    setting: 'RETENTION_EMERGENCY_REASON_DAYS',
    due: 'SELECT g.id FROM break_glass g WHERE g.opened_at < $1::timestamptz AND g.reason IS NOT NULL',
    statements: ['UPDATE break_glass SET reason = NULL WHERE id = ANY ($1::uuid[])'],
  },
];

/** The patients of visits and of what a clinic noted for a coming one, since `$1`. A walk-in without a time has only a queue entry. */
const RECENT = `(
  SELECT client_id FROM appointment WHERE end_at >= $1::timestamptz
  UNION ALL SELECT client_id FROM hold WHERE created_at >= $1::timestamptz
  UNION ALL SELECT client_id FROM queue_entry WHERE created_at >= $1::timestamptz
  UNION ALL SELECT client_id FROM waitlist_entry WHERE greatest(created_at, ends_at) >= $1::timestamptz
  UNION ALL SELECT client_id FROM referral WHERE greatest(created_at, valid_to) >= $1::timestamptz)`;

/**
 * Patients without any activity since `$1`: no session, registration at a clinic, image or assessment, no change of their account,
 * record or consents, no new link of a guardian and a child, and no visit, hold, queue or waitlist entry or referral of their own or of
 * their child. They are erased (ERASURE_STATEMENTS). Records that were merged into another one are erased with that one. `$2` selects
 * one patient, or null.
 */
export const INACTIVE_PATIENTS = `
  SELECT u.id FROM user_account u JOIN client c ON c.user_id = u.id AND c.merged_into_id IS NULL
  WHERE u.role = 'CLIENT' AND greatest(u.created_at, u.updated_at, c.updated_at) < $1::timestamptz AND ($2::uuid IS NULL OR u.id = $2)
    AND NOT EXISTS (SELECT FROM session s WHERE s.user_id = u.id AND s.last_used_at >= $1::timestamptz)
    AND NOT EXISTS (SELECT FROM ${RECENT} r WHERE r.client_id = c.id)
    AND NOT EXISTS (SELECT FROM client_clinic k WHERE k.client_id = c.id AND k.registered_at >= $1::timestamptz)
    AND NOT EXISTS (SELECT FROM scan s WHERE s.client_id = c.id AND s.created_at >= $1::timestamptz)
    AND NOT EXISTS (SELECT FROM stroke_assessment x WHERE x.client_id = c.id AND x.created_at >= $1::timestamptz)
    AND NOT EXISTS (SELECT FROM consent o WHERE o.user_id = u.id AND o.recorded_at >= $1::timestamptz)
    AND NOT EXISTS (SELECT FROM guardian g WHERE (g.guardian_id = c.id OR g.client_id = c.id) AND g.created_at >= $1::timestamptz)
    AND NOT EXISTS (SELECT FROM guardian g JOIN ${RECENT} r ON r.client_id = g.client_id
                    WHERE g.guardian_id = c.id AND g.ended_at IS NULL)
    AND NOT EXISTS (SELECT FROM erasure e WHERE e.user_id = u.id)`;
