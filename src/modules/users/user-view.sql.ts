import type { EncryptedContacts } from './account-contacts.js';
import type { UserView } from './users.dto.js';

/** The columns of a `UserView`, of the tables in `FROM_USER`. */
export const USER_COLUMNS = `
  u.id, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.phone, u.role, c.id AS "clientId",
  d.id AS "doctorId", ARRAY(SELECT clinic_id FROM user_clinic WHERE user_id = u.id ORDER BY clinic_id) AS "clinicIds",
  u.time_zone AS "timeZone", u.locale, u.email_verified_at IS NOT NULL AS "emailVerified", u.version,
  u.created_at AS "createdAt", u.updated_at AS "updatedAt"`;

/** A view as it is read, with encrypted contacts. */
export type UserRow = Omit<UserView, keyof EncryptedContacts> & EncryptedContacts;

/** An account with its patient record and its doctor. Two tables belong to other features. */
export const FROM_USER = `
  FROM user_account u LEFT JOIN client c ON c.user_id = u.id
  LEFT JOIN doctor d ON d.user_id = u.id AND d.deleted_at IS NULL`;
