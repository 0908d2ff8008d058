import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { UserCreationService } from './user-creation.service.js';
import { UserManagementService } from './user-management.service.js';
import { CreatedUserView, CreateUser, UsersQuery, UserView } from './users.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('Users')
@Controller('api/v1/users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly creation: UserCreationService,
    private readonly management: UserManagementService,
  ) {}

  @Get()
  @Operation({
    summary: 'List accounts',
    description: 'An ADMIN sees all accounts, a MANAGER those of their own clinics.',
    permission: 'user:manage',
    answer: [UserView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: UsersQuery): Promise<Page<UserView>> {
    return this.users.list(actor, query);
  }

  @Post()
  @Operation({
    summary: 'Create an account',
    description: 'A MANAGER may create patients, staff and doctors of their own clinics, an ADMIN every role.',
    permission: 'user:manage',
    status: 201,
    answer: CreatedUserView,
    idempotent: true,
    errors: ['EMAIL_TAKEN'],
  })
  create(@CurrentActor() actor: Actor, @Body() request: CreateUser): Promise<CreatedUserView> {
    return this.creation.create(actor, request);
  }

  @Get(':id')
  @Operation({
    summary: 'Get an account: your own, or one that you manage',
    permission: 'user:own',
    answer: UserView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<UserView> {
    return this.users.get(actor, id);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete an account and end its sessions',
    description: 'The upcoming visits of a patient are cancelled.',
    permission: 'user:manage',
    errors: ['NOT_FOUND'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.management.remove(actor, id);
  }
}
