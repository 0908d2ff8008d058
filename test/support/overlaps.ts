/** SQL: pairs of overlapping reservations of one resource that belong to different groups. There must never be any. */
export const OVERLAPPING_RESERVATIONS = `
  SELECT a.appointment_id AS id FROM reservation a JOIN reservation b
    ON a.resource_id = b.resource_id AND a.during && b.during AND a.group_id <> b.group_id
  WHERE a.active AND b.active`;
