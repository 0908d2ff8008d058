import { invalid } from '../../core/kernel/domain-error.js';
import type { ChangeUser, UserView } from '../users/index.js';
import { toRole, type MobileChangeUser } from './accounts.dto.js';
import { fullName, personNames } from './person-name.js';

/**
 * The differences between an account and the complete user object that the app sends. The users service checks whether the
 * caller may change them.
 * @throws DomainError VALIDATION_ERROR
 */
export function userChanges(user: UserView, sent: MobileChangeUser): ChangeUser {
  const { name, email, phone, role: sentRole } = sent;
  const role = typeof sentRole === 'string' ? toRole(sentRole) : user.role;
  if (role === null) throw invalid({ field: 'role', error: 'must be a role, such as client' });
  return {
    ...(name !== undefined && name !== fullName(user.firstName, user.lastName) && personNames({ name })),
    ...(typeof email === 'string' && email !== user.email && { email }),
    ...(phone !== undefined && phone !== user.phone && { phone }),
    ...(role !== user.role && { role }),
  };
}
