export { UsersModule } from './users.module.js';
export { CredentialsService } from './credentials.service.js';
export { UsersService } from './users.service.js';
export { UserManagementService } from './user-management.service.js';
export { Passwords } from './passwords.js';
export type { SignInAccount } from './users.repository.js';
export { ChangeUser, UserView, UsersQuery } from './users.dto.js';
export { AccountContacts, USER_EMAIL, USER_PHONE, type Contacts, type EncryptedContacts } from './account-contacts.js';
export { hasTrustedAddress, personMatches } from './account-conditions.js';
