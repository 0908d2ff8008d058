import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountLinksModule } from '../account-links/index.js';
import { AccountAccessRepository } from './account-access.repository.js';
import { AccountAccess } from './account-access.js';
import { AccountContacts } from './account-contacts.js';
import { CredentialsService } from './credentials.service.js';
import { InvitedAccounts } from './invited-accounts.js';
import { JoinRequests } from './join-requests.js';
import { MergedAccountsService } from './merged-accounts.service.js';
import { MigratedAccounts } from './migrated-accounts.js';
import { Passwords } from './passwords.js';
import { PatientAccounts } from './patient-accounts.js';
import { PhoneNumbers } from './phone-numbers.js';
import { SignInAccounts } from './sign-in-accounts.js';
import { UserClinicsRepository } from './user-clinics.repository.js';
import { UserClinicsService } from './user-clinics.service.js';
import { UserCreationService } from './user-creation.service.js';
import { UserManagementService } from './user-management.service.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';
import { User } from './user.entity.js';
import { UserClinic } from './user-clinic.entity.js';
import { UserLiveChanges } from './user-live-changes.js';

@Module({
  imports: [AccountLinksModule, TypeOrmModule.forFeature([User, UserClinic])],
  controllers: [UsersController],
  providers: [
    UserLiveChanges,
    AccountAccess,
    AccountAccessRepository,
    AccountContacts,
    CredentialsService,
    InvitedAccounts,
    JoinRequests,
    MergedAccountsService,
    MigratedAccounts,
    Passwords,
    PatientAccounts,
    PhoneNumbers,
    SignInAccounts,
    UserClinicsRepository,
    UserClinicsService,
    UserCreationService,
    UserManagementService,
    UsersRepository,
    UsersService,
  ],
  exports: [
    AccountAccess,
    AccountContacts,
    CredentialsService,
    InvitedAccounts,
    MergedAccountsService,
    MigratedAccounts,
    Passwords,
    PatientAccounts,
    SignInAccounts,
    UserClinicsService,
    UserManagementService,
    UsersService,
  ],
})
export class UsersModule {}
