/** A column that names what a message is about. It gets one message for each user and channel. */
type Subject = 'offer_id' | 'referral_id' | 'refund_id' | 'report_id';

// The conditions use aliases of the statement in which they stand, which joinChannels and joinRecipients (recipients.sql.ts) give: `u`
// is the user account, and `chosen.channel` the channel.

/**
 * SQL condition: no month has a message about `id` for this user and channel yet. In one month, a unique index of the partition refuses
 * the second one (ON CONFLICT DO NOTHING), also at the same time. An index on all partitions would have to contain the id. Months need no
 * index: what creates a message a second time is an event or a task that is repeated, after the first time.
 * @param id SQL: the id of the subject, such as `r.id`
 */
export const isFirstMessage = (subject: Subject, id: string): string => `NOT EXISTS (
  SELECT FROM notification sent WHERE sent.${subject} = ${id} AND sent.user_id = u.id AND sent.channel = chosen.channel)`;

/** SQL condition: the same for a message about an appointment, from a row of `planned_notification` with the alias `due`. */
export const IS_FIRST_OF_PLANNED = `NOT EXISTS (
  SELECT FROM notification sent WHERE sent.appointment_id = due.appointment_id AND sent.kind = due.kind
    AND sent.channel = chosen.channel AND sent.offset_minutes = due.offset_minutes AND sent.version = due.version AND sent.user_id = u.id)`;
