import { prefixQuery } from '../../core/database/full-text.js';
import { hasTrustedAddress } from '../users/index.js';

const MAX_DUPLICATES = 10;

/** The patient whose possible duplicates are searched. */
export interface ComparedPerson {
  id: string;
  firstName: string;
  lastName: string;
  phone: string | null;
  dateOfBirth: string | null;
}

/** The SQL of the folded and sorted words of a name, so that order, hyphens and apostrophes do not matter. */
const toNameWords = (first: string, last: string): string => `
  ARRAY(SELECT word FROM regexp_split_to_table(search_fold(${first} || ' ' || ${last}), '[\\s''.,_-]+') AS word
        WHERE word <> '' ORDER BY word)`;

/**
 * Finds records that may belong to the same person: two of name, telephone number and date of birth are equal, or the name is
 * equal and neither of the others differs. Searches patients of the caller's clinics, and patients without a clinic who have
 * the same number and a trusted address. Each branch of the first UNION uses an index and finds few rows.
 *
 * Parameters: $1 the patient's id, $2 the caller's clinics (null for all), $3 and $4 first and last name, $5 the blind index of the telephone number,
 * $6 the blind index of the date of birth.
 */
export const FIND_DUPLICATES = `
  WITH candidate AS (
    SELECT p.id FROM client p JOIN user_account u ON u.id = p.user_id
      WHERE u.search @@ (${prefixQuery(`$3::text || ' ' || $4::text`)})
    UNION SELECT p.id FROM client p JOIN user_account u ON u.id = p.user_id WHERE u.phone_index = $5::bytea
    UNION SELECT p.id FROM client p WHERE p.birth_index = $6::bytea
  ), compared AS (
    SELECT c.id, u.email_verified_at IS NOT NULL AS verified, u.id AS user_id, u.first_name, u.last_name, u.phone, c.date_of_birth,
           ${toNameWords('u.first_name', 'u.last_name')} = ${toNameWords('$3::text', '$4::text')} AS same_name,
           coalesce(u.phone_index = $5::bytea, false) AS same_phone,
           coalesce(c.birth_index = $6::bytea, false) AS same_birth,
           coalesce(u.phone_index <> $5::bytea, false) OR coalesce(c.birth_index <> $6::bytea, false) AS has_difference,
           EXISTS (SELECT FROM clinic_patient x WHERE x.client_id = c.id
             AND ($2::uuid[] IS NULL OR x.clinic_id = ANY ($2::uuid[]))) AS is_known_here,
           EXISTS (SELECT FROM clinic_patient x WHERE x.client_id = c.id) AS has_clinic, ${hasTrustedAddress('u')} AS is_trusted
    FROM candidate d JOIN client c ON c.id = d.id
    JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
    WHERE c.id <> $1::uuid
  )
  SELECT id, user_id AS "userId", verified AS "emailVerified", first_name AS "firstName", last_name AS "lastName", phone,
         date_of_birth AS "dateOfBirth",
         to_json(array_remove(ARRAY[CASE WHEN same_name THEN 'NAME' END, CASE WHEN same_phone THEN 'PHONE' END,
                                    CASE WHEN same_birth THEN 'DATE_OF_BIRTH' END], NULL)) AS "matchingOn"
  FROM compared
  WHERE (is_known_here OR (same_phone AND is_trusted AND NOT has_clinic))
    AND (same_name::int + same_phone::int + same_birth::int >= 2 OR (same_name AND NOT has_difference))
  ORDER BY same_name::int + same_phone::int + same_birth::int DESC, id LIMIT ${MAX_DUPLICATES}`;
