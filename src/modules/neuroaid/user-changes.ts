import { invalid } from '../../core/kernel/domain-error.js';
import type { ChangeUser, UserView } from '../users/index.js';
import { roleOf, type MobileChangeUser } from './accounts.dto.js';
import { fullName, personNames } from './person-name.js';

/**
 * What differs between an account and the user object that the client sends back as a whole. Whether the caller may
 * change it decides the users service.
 * @throws DomainError VALIDATION_ERROR
 */
export function userChanges(user: UserView, sent: MobileChangeUser): ChangeUser {
  const { name, email, phone, role: sentRole } = sent;
  const role = typeof sentRole === 'string' ? roleOf(sentRole) : user.role;
  if (role === null) throw invalid({ field: 'role', error: 'must be a role, such as client' });
  return {
    ...(name !== undefined && name !== fullName(user.firstName, user.lastName) && personNames({ name })),
    ...(typeof email === 'string' && email !== user.email && { email }),
    ...(phone !== undefined && phone !== user.phone && { phone }),
    ...(role !== user.role && { role }),
  };
}
