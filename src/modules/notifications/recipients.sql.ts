import { hasTrustedAddress } from '../users/index.js';
import { LIVE_DEVICES } from './preferences.repository.js';

/** SQL: the accounts of a patient and of the guardians. Whether a guardian may still act is checked when a delivery is sent. */
export const selectRecipients = (clientId: string): string => `
  SELECT cl.user_id FROM client cl WHERE cl.id = ${clientId}
  UNION SELECT p.user_id FROM guardian g JOIN client p ON p.id = g.guardian_id AND p.merged_into_id IS NULL
    WHERE g.client_id = ${clientId} AND g.ended_at IS NULL`;

/** SQL condition: the user `u` has an address for `channel`. */
export const HAS_ADDRESS = `(channel <> 'EMAIL' OR u.email IS NOT NULL) AND (channel <> 'SMS' OR u.phone IS NOT NULL)
    AND (channel NOT IN ('EMAIL', 'SMS') OR ${hasTrustedAddress('u')})
    AND (channel <> 'PUSH' OR EXISTS (SELECT FROM ${LIVE_DEVICES} AND d.user_id = u.id))`;

/**
 * SQL that joins the channels that a recipient `u` wants and has an address for (`channel`); the inbox always.
 * @param defaults the parameter with the default channels of all kinds
 */
export const joinChannels = (kind: string, defaults: string): string => `
  LEFT JOIN notification_preference p ON p.user_id = u.id
  CROSS JOIN LATERAL (
    SELECT 'IN_APP' AS channel
    UNION SELECT jsonb_array_elements_text(coalesce(p.channels -> ${kind}, ${defaults}::jsonb -> ${kind}))) AS chosen
  WHERE ${HAS_ADDRESS}`;

/** SQL that joins the recipients of a patient's messages (`u`) and their channels. */
export const joinRecipients = (clientId: string, kind: string, defaults: string): string => `
  JOIN LATERAL (${selectRecipients(clientId)}) r ON true
  JOIN user_account u ON u.id = r.user_id AND u.deleted_at IS NULL
  ${joinChannels(kind, defaults)}`;
