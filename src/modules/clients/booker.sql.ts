/**
 * Returns the SQL condition that a booker may book for a patient: an ADMIN for everyone, the front desk for patients of its clinics
 * and for patients without a clinic. For a CLIENT, it only checks that the record was not merged into another one: the code that
 * uses it must set client_id to the CLIENT's own record.
 * @param booker the alias of a row with client_id, booker_role and booker_clinic_ids
 */
export const mayBookFor = (booker: string): string => `(
  (${booker}.booker_role = 'CLIENT'
    AND (SELECT c.merged_into_id FROM client c WHERE c.id = ${booker}.client_id) IS NULL)
  OR ${booker}.booker_role <> 'CLIENT' AND EXISTS (
    SELECT FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
    WHERE c.id = ${booker}.client_id AND CASE ${booker}.booker_role
      WHEN 'ADMIN' THEN true
      ELSE EXISTS (SELECT FROM clinic_patient p
                   WHERE p.client_id = c.id AND p.clinic_id = ANY (${booker}.booker_clinic_ids))
        OR NOT EXISTS (SELECT FROM clinic_patient p WHERE p.client_id = c.id)
    END))`;
