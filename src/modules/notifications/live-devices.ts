/**
 * SQL behind FROM: the devices `d` that may get a push, with its WHERE. A device belongs to the session that registered it
 * and ends with it, however the session ends.
 */
export const LIVE_DEVICES = `notification_device d JOIN session s ON s.id = d.session_id
  WHERE s.revoked_at IS NULL AND s.expires_at > now()`;
