/**
 * Returns the SQL condition that a booker may book for a patient: a CLIENT for their own record and as a guardian, the front desk for
 * patients of its clinics and for patients without a clinic, an ADMIN for everyone. The record must not have been merged into another
 * one: the accounts of merged records are closed. The age of a guardian's child is not checked, because the date of birth is encrypted: see GuardianAccess.
 * @param booker the alias of a row with client_id, booker_id (the account), booker_role and booker_clinic_ids
 */
export const mayBookFor = (booker: string): string => `(
  (${booker}.booker_role = 'CLIENT' AND coalesce((
    SELECT c.user_id = ${booker}.booker_id OR coalesce((
      SELECT true FROM guardian g JOIN client p ON p.id = g.guardian_id AND p.user_id = ${booker}.booker_id
      JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
      WHERE g.client_id = c.id AND g.ended_at IS NULL), false)
    FROM client c WHERE c.id = ${booker}.client_id AND c.merged_into_id IS NULL), false))
  OR ${booker}.booker_role <> 'CLIENT' AND EXISTS (
    SELECT FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
    WHERE c.id = ${booker}.client_id AND CASE ${booker}.booker_role
      WHEN 'ADMIN' THEN true
      ELSE EXISTS (SELECT FROM clinic_patient p
                   WHERE p.client_id = c.id AND p.clinic_id = ANY (${booker}.booker_clinic_ids))
        OR NOT EXISTS (SELECT FROM clinic_patient p WHERE p.client_id = c.id)
    END))`;
