import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountLinksModule } from '../account-links/index.js';
import { AccountAccess } from './account-access.js';
import { AccountContacts } from './account-contacts.js';
import { CredentialsService } from './credentials.service.js';
import { Passwords } from './passwords.js';
import { PhoneNumbers } from './phone-numbers.js';
import { UserManagementService } from './user-management.service.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';
import { User } from './user.entity.js';
import { UserClinic } from './user-clinic.entity.js';

@Module({
  imports: [AccountLinksModule, TypeOrmModule.forFeature([User, UserClinic])],
  controllers: [UsersController],
  providers: [
    AccountAccess,
    AccountContacts,
    CredentialsService,
    UsersService,
    UserManagementService,
    UsersRepository,
    PhoneNumbers,
    Passwords,
  ],
  exports: [AccountContacts, CredentialsService, UsersService, UserManagementService, Passwords],
})
export class UsersModule {}
