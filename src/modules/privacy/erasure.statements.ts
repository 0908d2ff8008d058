/** `$1` is the id of the account in all statements. */
const CLIENT = '(SELECT c.id FROM client c WHERE c.user_id = $1)';
const APPOINTMENTS = `(SELECT a.id FROM appointment a WHERE a.client_id = ${CLIENT})`;
const SCANS = `(SELECT s.id FROM scan s WHERE s.client_id = ${CLIENT})`;

const SCAN_SETS = `(SELECT s.id FROM scan_set s WHERE s.client_id = ${CLIENT})`;

/** The messages to the person, and those about them to their guardians and former guardians. */
const MESSAGES = `(SELECT n.id FROM notification n
  WHERE n.user_id = $1 OR n.appointment_id IN ${APPOINTMENTS}
     OR n.offer_id IN (SELECT o.id FROM waitlist_offer o JOIN waitlist_entry w ON w.id = o.entry_id WHERE w.client_id = ${CLIENT})
     OR n.referral_id IN (SELECT r.id FROM referral r WHERE r.client_id = ${CLIENT}))`;

/** Rows of the outbox about the person. `aggregate_id` is the id of the changed object. */
const OWN_EVENTS = `(
  aggregate_id = $1 OR payload ->> 'userId' = $1::text OR payload ->> 'clientUserId' = $1::text
  OR aggregate_id = ${CLIENT} OR aggregate_id IN ${APPOINTMENTS} OR aggregate_id IN ${SCANS}
  OR aggregate_id IN ${SCAN_SETS}
  OR aggregate_id IN (SELECT w.id FROM waitlist_entry w WHERE w.client_id = ${CLIENT})
  OR aggregate_id IN ${MESSAGES}
  OR aggregate_id IN (SELECT g.id FROM break_glass g WHERE g.client_id = ${CLIENT}))`;

/**
 * Deletes or pseudonymises everything about a person, in this order: later statements delete what earlier ones look up. Running them
 * again does no harm. Hand-written SQL: tables of every feature, whose rows are found by subqueries. What stays is listed in docs/privacy.md: visits (times, doctor, service, price), consents, and ids.
 */
export const ERASURE_STATEMENTS: readonly string[] = [
  // Requests to reset the password contain the encrypted address. Without it, an unpublished one is skipped.
  `UPDATE outbox SET payload = jsonb_build_object('userId', $1::text) WHERE event = 'password:reset-requested'
     AND payload ->> 'emailIndex' = (SELECT encode(u.email_index, 'hex') FROM user_account u WHERE u.id = $1)`,
  `DELETE FROM outbox WHERE (published_at IS NOT NULL OR parked_at IS NOT NULL) AND ${OWN_EVENTS}`,
  // Events that are not published lose only their encrypted texts: consumers then read the appointment, which no longer has texts.
  `UPDATE outbox SET payload = payload - 'sealed' WHERE payload ? 'sealed' AND ${OWN_EVENTS}`,
  `DELETE FROM dev_mailbox WHERE delivery_id IN (SELECT m.id::text FROM ${MESSAGES} m)`,
  `DELETE FROM notification WHERE id IN ${MESSAGES}`,
  `DELETE FROM planned_notification WHERE appointment_id IN ${APPOINTMENTS}`,
  `DELETE FROM account_link WHERE user_id = $1`,
  `DELETE FROM notification_device WHERE user_id = $1`,
  `DELETE FROM notification_preference WHERE user_id = $1`,
  `DELETE FROM conversation WHERE user_id = $1`,
  `DELETE FROM favorite WHERE user_id = $1`,
  `DELETE FROM pending_sign_in WHERE user_id = $1`,
  `DELETE FROM mfa_recovery_code WHERE user_id = $1`,
  `DELETE FROM mfa_factor WHERE user_id = $1`,
  `DELETE FROM provider_sign_in WHERE user_id = $1`,
  `DELETE FROM provider_identity WHERE user_id = $1`,
  `UPDATE api_key SET revoked_at = coalesce(revoked_at, now()), secret_hash = '', name = 'Erased', last_used_ip = NULL
     WHERE maker_id = $1`,
  `DELETE FROM calendar_feed WHERE maker_id = $1 OR doctor_id IN (SELECT id FROM doctor WHERE user_id = $1)`,
  `DELETE FROM idempotency_key WHERE caller = $1`,
  // Assessments of the person. What they assessed for other patients and for visitors, as staff or doctor, stays.
  `DELETE FROM stroke_assessment
     WHERE client_id = ${CLIENT} OR (client_id IS NULL AND rater_user_id = $1 AND rater_role = 'SELF')`,
  // The time of an open offer is offered to the next.
  `INSERT INTO waitlist_time (clinic_id, doctor_id, start_at, end_at)
     SELECT o.clinic_id, o.doctor_id, o.start_at, o.end_at FROM waitlist_offer o JOIN waitlist_entry w ON w.id = o.entry_id
     WHERE w.client_id = ${CLIENT} AND o.state = 'OPEN' AND o.start_at > now()
     ON CONFLICT (doctor_id, start_at, end_at) DO UPDATE SET freed_at = now(), is_pending = true`,
  `DELETE FROM waitlist_entry WHERE client_id = ${CLIENT}`,
  `DELETE FROM hold WHERE client_id = ${CLIENT}`,
  `DELETE FROM referral WHERE client_id = ${CLIENT}`,
  // The entries stay: the numbers of a day have no gaps.
  `UPDATE queue_entry SET move_reasons = NULL, left_at = CASE WHEN appointment_id IS NULL THEN coalesce(left_at, now()) END
     WHERE client_id = ${CLIENT} OR appointment_id IN ${APPOINTMENTS}`,
  // Arrays, so that the indexes are used.
  `DELETE FROM scan_analysis WHERE scan_id = ANY (ARRAY${SCANS}) OR scan_set_id = ANY (ARRAY${SCAN_SETS})`,
  // The sweep deletes the files of deleted scans.
  `UPDATE scan SET deleted_at = coalesce(deleted_at, now()), kind = NULL, taken_at = NULL, original_sha256 = '', renditions = '{}',
     quality = NULL, dicom = NULL, deidentification = NULL, no_picture = NULL WHERE client_id = ${CLIENT}`,
  `UPDATE scan_set SET deleted_at = coalesce(deleted_at, now()), study_instance_uid = '', kind = NULL, taken_at = NULL
     WHERE client_id = ${CLIENT}`,
  `DELETE FROM appointment_note_change WHERE appointment_id IN ${APPOINTMENTS}`,
  `UPDATE appointment SET notes = NULL, staff_notes = NULL, insurance_note = NULL, cancel_reason = NULL, video_url = NULL
     WHERE client_id = ${CLIENT} AND (notes IS NOT NULL OR staff_notes IS NOT NULL OR insurance_note IS NOT NULL
       OR cancel_reason IS NOT NULL OR video_url IS NOT NULL)`,
  `UPDATE doctor SET video_url = NULL WHERE user_id = $1 AND video_url IS NOT NULL`,
  `UPDATE break_glass SET reason = NULL WHERE client_id = ${CLIENT}`,
  `DELETE FROM import_key WHERE record_id IN (SELECT c.id FROM client c WHERE c.user_id = $1 OR c.merged_into_id = ${CLIENT})`,
  `DELETE FROM guardian WHERE client_id = ${CLIENT} OR guardian_id = ${CLIENT}`,
  `UPDATE client_merge SET values_before = NULL WHERE client_id = ${CLIENT} OR duplicate_id = ${CLIENT}`,
  `UPDATE client_clinic SET mrn = NULL, mrn_index = NULL, notes = NULL WHERE client_id = ${CLIENT}`,
  `UPDATE client SET date_of_birth = NULL, birth_index = NULL, sex = NULL, address = NULL, emergency_contact = NULL,
     version = version + 1, updated_at = now() WHERE user_id = $1`,
  `UPDATE session SET revoked_at = coalesce(revoked_at, now()), revoked_reason = 'account erased', refresh_hash = '',
     user_agent = NULL, ip = NULL WHERE user_id = $1`,
  `DELETE FROM user_clinic WHERE user_id = $1`,
  `UPDATE user_account SET email = NULL, email_index = NULL, phone = NULL, phone_index = NULL, password_hash = NULL,
     first_name = 'Erased', last_name = 'person', email_verified_at = NULL, has_identity = false, time_zone = 'UTC', locale = 'en',
     deleted_at = coalesce(deleted_at, now()), authorization_changed_at = now(), version = version + 1, updated_at = now() WHERE id = $1`,
];
