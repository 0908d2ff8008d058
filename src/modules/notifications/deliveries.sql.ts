import { isConsentWithdrawn } from '../consents/index.js';
import { hasTrustedAddress } from '../users/index.js';
import { LIVE_DEVICES } from './preferences.repository.js';
import { selectRecipients } from './recipients.sql.js';

/** SQL: the patient of the referral, offer or refund that a delivery `n` is about. */
const PATIENT = `coalesce(f.client_id, (SELECT p.client_id FROM payment_refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = n.refund_id), (SELECT e.client_id FROM waitlist_offer o JOIN waitlist_entry e ON e.id = o.entry_id WHERE o.id = n.offer_id))`;

/** SQL: `sent` has told the recipient of `n` by the same channel. */
const IS_TOLD = `sent.channel = n.channel AND sent.user_id = n.user_id AND sent.state = 'SENT'`;

/** SQL: the newest earlier version of the appointment `noticed` of which a message about only this one has told. */
const TOLD_ALONE = `
  SELECT max(sent.version) FROM notification sent
  WHERE sent.appointment_id = noticed.id AND sent.appointment_ids = '{}' AND ${IS_TOLD}
    AND (noticed.version IS NULL OR sent.version < noticed.version)`;

/**
 * SQL: the same of messages about several. They are stored with another appointment of the same patient. One that was moved again before
 * such a message was sent is not in it.
 */
const TOLD_TOGETHER = `
  SELECT max(told.version) FROM appointment own JOIN appointment other ON other.client_id = own.client_id
  JOIN notification sent ON sent.appointment_id = other.id AND noticed.id = ANY (sent.appointment_ids) AND ${IS_TOLD}
  CROSS JOIN LATERAL (SELECT sent.appointment_versions[array_position(sent.appointment_ids, noticed.id)] AS version) told
  WHERE own.id = noticed.id AND (noticed.version IS NULL OR told.version < noticed.version)
    AND NOT EXISTS (
      SELECT FROM audit_log l WHERE l.object_type = 'appointment' AND l.object_id = noticed.id AND l.action = 'appointment.rescheduled'
        AND (l.changes -> 'version' ->> 1)::int > told.version AND l.occurred_at < sent.sent_at)`;

// While a delivery is claimed, next_attempt_at is the end of its lease.
export const CLAIM = `
  WITH due AS (
    SELECT id, next_attempt_at FROM notification
    WHERE channel = $1::text AND state IN ('PENDING', 'SENDING') AND next_attempt_at <= now()
    ORDER BY next_attempt_at LIMIT $2::int FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE notification SET state = 'SENDING', attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $3::int)
    FROM due WHERE notification.id = due.id
    RETURNING notification.*, due.next_attempt_at AS was_due_at
  )
  SELECT n.id, n.user_id AS "userId", n.clinic_id AS "clinicId", n.appointment_id AS "appointmentId",
         n.appointment_ids AS "appointmentIds", n.appointment_versions AS "appointmentVersions", n.offer_id AS "offerId",
         (SELECT o.expires_at FROM waitlist_offer o WHERE o.id = n.offer_id AND o.state = 'OPEN' AND o.expires_at > now()) AS "offerExpiresAt",
         n.kind, n.channel, n.version, n.note, n.attempts, n.created_at AS "createdAt", now() AS now, n.reason,
         n.kind = 'APPOINTMENT_REMINDER' AND EXISTS (
           SELECT FROM notification nearer
           WHERE nearer.appointment_id = n.appointment_id AND nearer.kind = n.kind AND nearer.channel = n.channel
             AND nearer.offset_minutes < n.offset_minutes AND nearer.version = n.version AND nearer.user_id = n.user_id
             AND nearer.due_at <= now()) AS "isOvertaken",
         CASE WHEN n.kind = 'APPOINTMENT_MOVED' THEN ARRAY(
           SELECT coalesce(greatest((${TOLD_ALONE}), (${TOLD_TOGETHER})), 1)
           FROM unnest(CASE n.appointment_ids WHEN '{}' THEN ARRAY[n.appointment_id] ELSE n.appointment_ids END,
                       CASE n.appointment_ids WHEN '{}' THEN ARRAY[n.version] ELSE n.appointment_versions END)
                WITH ORDINALITY AS noticed (id, version, place) ORDER BY place) END AS "notifiedVersions",
         u.deleted_at IS NOT NULL AS "isRecipientDeleted", ${hasTrustedAddress('u')} AS "hasTrustedAddress",
         ${isConsentWithdrawn('u.id', 'n.channel')} OR (n.kind = 'MESSAGE_FROM_CLINIC' AND n.channel <> 'IN_APP'
           AND ${isConsentWithdrawn('u.id', `'CLINIC_MESSAGES'`)}) AS "isConsentWithdrawn",
         coalesce(l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > now()
           AND (l.email_index = u.email_index OR l.purpose NOT IN ('EMAIL_VERIFICATION', 'PASSWORD_RESET')), false) AS "isLinkUsable",
         f.valid_to::text AS "referralUntil",
         (SELECT json_build_object('amountMinor', r.amount_minor, 'currency', p.currency, 'isTooLate', r.reason = 'TOO_LATE')
          FROM payment_refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = n.refund_id) AS refund,
         n.report_id AS "reportId",
         u.role = 'MANAGER' AND EXISTS (
           SELECT FROM user_clinic m WHERE m.user_id = u.id AND m.clinic_id = n.clinic_id) AS "isReportReader",
         ${PATIENT} AS "patientId",
         (SELECT c.user_id FROM client c WHERE c.id = ${PATIENT}) AS "patientUserId",
         coalesce(f.appointment_id IS NULL AND f.valid_to >= (now() AT TIME ZONE k.time_zone)::date
           AND n.user_id IN (${selectRecipients('f.client_id')}), false) AS "isReferralOpen",
         u.email, u.phone, l.email AS "linkEmail", l.phone AS "linkPhone",
         (SELECT c.country FROM clinic c WHERE c.id = n.clinic_id) AS "clinicCountry",
         u.first_name AS "recipientName", u.locale, u.time_zone AS "timeZone",
         ARRAY(SELECT d.token FROM ${LIVE_DEVICES} AND d.user_id = u.id AND n.channel = 'PUSH') AS "deviceTokens",
         p.channels, p.quiet_start AS "quietStart", p.quiet_end AS "quietEnd"
  FROM claimed n
  JOIN user_account u ON u.id = n.user_id
  LEFT JOIN account_link l ON l.id = n.id
  LEFT JOIN referral f ON f.id = n.referral_id
  LEFT JOIN clinic k ON k.id = f.clinic_id
  LEFT JOIN notification_preference p ON p.user_id = u.id
  ORDER BY n.was_due_at, n.id`;

// SKIP LOCKED: a result may be saved at the same time, and two statements that lock several rows could wait for each other.
export const RENEW = `
  WITH held AS (
    SELECT n.id FROM notification n JOIN unnest($1::uuid[], $2::int[]) AS own (id, attempts)
      ON n.id = own.id AND n.attempts = own.attempts AND n.state = 'SENDING'
    FOR NO KEY UPDATE OF n SKIP LOCKED
  )
  UPDATE notification n SET next_attempt_at = now() + make_interval(secs => $3::int)
  FROM held WHERE n.id = held.id
  RETURNING n.id`;

// A postponed delivery that need not wait returns to its place in the order (due_at). A delivery that waits for the end of quiet
// hours is due at that time. The reason of a failed attempt is kept until the delivery is sent.
export const SAVE_RESULTS = `
  UPDATE notification n SET
    state = CASE r.state WHEN 'POSTPONED' THEN 'PENDING' ELSE r.state END,
    reason = CASE r.state WHEN 'POSTPONED' THEN n.reason ELSE r.reason END,
    provider_id = coalesce(r.provider_id, n.provider_id),
    sent_at = CASE r.state WHEN 'SENT' THEN now() END,
    attempts = n.attempts - (r.state = 'POSTPONED')::int,
    due_at = coalesce(r.until, n.due_at),
    next_attempt_at = CASE WHEN r.state IN ('POSTPONED', 'PENDING')
      THEN coalesce(r.until, now() + make_interval(secs => r.seconds), n.due_at) ELSE n.next_attempt_at END
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::timestamptz[])
    AS r (id, attempts, state, reason, provider_id, seconds, until)
  WHERE n.id = r.id AND n.attempts = r.attempts AND n.state = 'SENDING'`;

/** A delivery that was assigned a message before a process ended gets the same one. */
export const ASSIGN_SENT_MESSAGE = `
  UPDATE notification n SET provider_id = s.provider_id
  FROM (SELECT sid AS provider_id FROM unnest($2::text[]) WITH ORDINALITY AS sent (sid, position)
        WHERE NOT EXISTS (SELECT FROM notification o WHERE o.channel = 'SMS' AND o.provider_id = sid AND o.id <> $1)
        ORDER BY sid IS DISTINCT FROM (SELECT provider_id FROM notification WHERE id = $1), position LIMIT 1) s
  WHERE n.id = $1
  RETURNING n.provider_id AS "providerId"`;

export const SAVE_INBOX_TEXTS = `
  UPDATE notification n SET state = 'SENT', reason = NULL, sent_at = now(), title = t.title, body = t.body
  FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[]) AS t (id, attempts, title, body)
  WHERE n.id = t.id AND n.attempts = t.attempts AND n.state = 'SENDING'
  RETURNING n.id, n.user_id AS "userId", n.clinic_id AS "clinicId"`;
