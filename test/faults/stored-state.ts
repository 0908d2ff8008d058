import type { Stored, StoredPayment, StoredVisit } from './log-checker.js';
import type { Received, StoredDelivery } from './delivery-checker.js';
import type { World } from './world.js';

const VISITS = `
  SELECT a.id, a.client_id AS "clientId", a.doctor_id AS "doctorId", a.status, extract(epoch FROM a.start_at)::float8 * 1000 AS start,
         EXISTS (SELECT FROM payment p WHERE p.appointment_id = a.id) AS "isPaid"
  FROM appointment a WHERE a.clinic_id = ANY ($1::uuid[])`;

const MESSAGES = `
  SELECT user_id AS "userId", count(*)::int AS n FROM notification WHERE kind = 'MESSAGE_FROM_CLINIC' AND channel = 'EMAIL' GROUP BY 1`;

/** Reads what clients can compare with their log. */
export async function readStored(world: World): Promise<Stored> {
  const clinics = [world.visits.clinic.id, world.deposits.clinic.id];
  const [visits, scans, payments, messages] = await Promise.all([
    world.rows<StoredVisit>(VISITS, clinics),
    world.rows<{ id: string; clientId: string }>(`SELECT id, client_id AS "clientId" FROM scan`),
    world.rows<StoredPayment>(
      `SELECT provider_payment_id AS "providerPaymentId", appointment_id AS "visitId", status FROM payment`,
    ),
    world.rows<{ userId: string; n: number }>(MESSAGES),
  ]);
  return { visits, scans, payments, messages: new Map(messages.map(({ userId, n }) => [userId, n])) };
}

export const readDeliveries = (world: World): Promise<StoredDelivery[]> =>
  world.rows(
    `SELECT id, user_id AS "userId", channel, state, attempts, provider_id AS "providerId" FROM notification
     WHERE channel IN ('EMAIL', 'SMS')`,
  );

/** The messages that the SMS provider accepted, with their recipients. */
export const readMessages = ({ twilio, patients }: World): Received['messages'] =>
  twilio.messages.map(({ sid, to }) => ({ sid, userId: patients[Number(to.slice(-2))]?.userId ?? to }));

/** The id of a delivery is the local part of the Message-ID of its mail. */
export const toDeliveryIds = ({ smtp }: World): string[] =>
  smtp.mails.map(({ mail }) => /^<([^@]+)@/.exec(mail.messageId ?? '')?.[1] ?? 'a mail without a Message-ID');
