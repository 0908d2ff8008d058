import { Body, Controller, Get, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Config } from '../../core/config/config.js';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor } from '../../core/http/validation.js';
import { invalid } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  AccountChangeService,
  AuthService,
  getDevice,
  Login,
  RegistrationInterceptor,
  SelfRegistrationService,
  type SignedIn,
} from '../auth/index.js';
import { UsersService, type UserView } from '../users/index.js';
import {
  MobileChangeUser,
  MobileRegister,
  MobileSignedInView,
  MobileUsersQuery,
  MobileUserView,
  toUserView,
} from './accounts.dto.js';
import { ApiMobileId, MobileIdParam, type MobileId } from './mobile-id.js';
import { MobileIds } from './mobile-ids.service.js';
import { MobileSignInService } from './mobile-sign-in.service.js';
import { personNames } from './person-name.js';
import { mobilePaths } from './prefixes.js';
import { userChanges } from './user-changes.js';

@ApiTags('NeuroAid')
@Controller(mobilePaths(''))
export class MobileAccountsController {
  constructor(
    private readonly auth: AuthService,
    private readonly registration: SelfRegistrationService,
    private readonly users: UsersService,
    private readonly accountChanges: AccountChangeService,
    private readonly signIn: MobileSignInService,
    private readonly ids: MobileIds,
    private readonly config: Config,
  ) {}

  @Post('auth/register')
  @Operation({
    summary: 'Register as a patient',
    permission: 'public',
    bare: true,
    status: 201,
    answer: MobileSignedInView,
    idempotent: true,
    errors: ['EMAIL_TAKEN'],
  })
  @UseInterceptors(RegistrationInterceptor)
  async register(@Body() body: MobileRegister, @Req() request: Request): Promise<MobileSignedInView> {
    const { name: _name, role: _role, isActive: _isActive, ...fields } = body;
    const person = { ...fields, ...personNames(body) };
    return this.toSignedInView(
      await this.registration.register(person, getDevice(request), this.config.NEUROAID_TOKEN_EXPIRES_IN),
    );
  }

  @Post('auth/login')
  @Operation({
    summary: 'Sign in',
    description:
      'An account with a second factor gets a 400, since the client cannot send its code. The access token cannot be refreshed. It is valid for `NEUROAID_TOKEN_EXPIRES_IN`, or until the session ends.',
    permission: 'public',
    bare: true,
    answer: MobileSignedInView,
    errors: ['INVALID_CREDENTIALS'],
  })
  async login(@Body() body: Login, @Req() request: Request): Promise<MobileSignedInView> {
    return this.toSignedInView(
      await this.signIn.login(body, getDevice(request), request.headers['accept-language'] ?? null),
    );
  }

  @Get('users')
  @Operation({
    summary: 'List the accounts that you manage',
    permission: 'user:manage',
    bare: true,
    answer: [MobileUserView],
    errors: ['BAD_CURSOR'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: MobileUsersQuery): Promise<Page<MobileUserView>> {
    const page = await this.users.list(actor, query);
    const getNumber = await this.ids.getNumbers(
      'user',
      page.items.map(({ id }) => id),
    );
    return page.map((user) => toUserView(user, getNumber(user.id)));
  }

  @Get('users/me')
  @Operation({
    summary: 'Get your account',
    permission: 'user:own',
    bare: true,
    answer: MobileUserView,
    errors: ['NOT_FOUND'],
  })
  async me(@CurrentActor() actor: Actor): Promise<MobileUserView> {
    return this.toView(await this.users.get(actor, actor.userId));
  }

  @Patch('users/:id')
  @ApiMobileId()
  @Operation({
    summary: 'Change your account, or one that you manage',
    permission: 'user:own',
    bare: true,
    answer: MobileUserView,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'EMAIL_TAKEN'],
  })
  async change(
    @CurrentActor() actor: Actor,
    @MobileIdParam() id: MobileId,
    @Body() body: MobileChangeUser,
    @Req() request: Request,
  ): Promise<MobileUserView> {
    const user = await this.users.get(actor, await this.ids.getUuid('user', id));
    if (body.id !== undefined && (await this.ids.getUuid('user', body.id)) !== user.id) {
      throw invalid({ field: 'id', error: 'must be the id of the path' });
    }
    const changes = userChanges(user, body);
    const isChanged = Object.keys(changes).length > 0;
    if (!isChanged) return this.toView(user);
    return this.toView(await this.accountChanges.change(actor, user.id, changes, null, getDevice(request)));
  }

  private async toSignedInView({ accessToken, user }: SignedIn): Promise<MobileSignedInView> {
    return { accessToken, token: accessToken, user: await this.toView(user) };
  }

  private async toView(user: UserView): Promise<MobileUserView> {
    return toUserView(user, await this.ids.getNumber('user', user.id));
  }
}
