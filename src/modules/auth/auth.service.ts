import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/security/actor.js';
import { Passwords, UsersService } from '../users/index.js';
import type { UserView } from '../users/index.js';
import type { ChangePassword, Login, Register } from './auth.dto.js';
import type { Device } from './sessions.repository.js';
import { SessionsService, type SignedIn } from './sessions.service.js';
import { SignInLimits } from './sign-in-limits.js';

@Injectable()
export class AuthService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    private readonly limits: SignInLimits,
    private readonly changes: ChangeLog,
  ) {}

  /** Makes a CLIENT with its patient record, and signs it in. */
  async register(request: Register, device: Device): Promise<SignedIn> {
    await this.limits.assertMayRegister(device.ip);
    this.passwords.assertGood(request.password, request.email);
    const { password, phone, ...person } = request;
    const passwordHash = await this.passwords.hash(password);
    return this.db.transaction(async () => {
      const id = await this.users.insert(
        { id: newId(), ...person, phone: phone ?? null, passwordHash, role: 'CLIENT' },
        true,
      );
      return this.sessions.open(id, device);
    });
  }

  /** The same answer in the same time for an unknown address and a wrong password. */
  async login({ email, password }: Login, device: Device): Promise<SignedIn> {
    const failed = await this.limits.begin(email, device.ip);
    const credentials = await this.users.credentialsOf(email);
    if (!(await this.passwords.matches(credentials?.passwordHash ?? null, password)) || !credentials) {
      throw new DomainError('INVALID_CREDENTIALS', 'The address or the password is not right.');
    }
    await failed.takeBack();
    if (this.passwords.isOutdated(credentials.passwordHash ?? '')) {
      await this.users.setPasswordHash(credentials.userId, await this.passwords.hash(password));
    }
    return this.sessions.open(credentials.userId, device);
  }

  async profile(actor: Actor): Promise<UserView> {
    const user = await this.users.find(actor.userId);
    if (!user) throw notFound();
    return user;
  }

  /** Ends every other session: whoever knew the old password is out. */
  async changePassword(actor: Actor, request: ChangePassword, device: Device): Promise<null> {
    const user = await this.profile(actor);
    const failed = await this.limits.begin(user.email ?? actor.userId, device.ip);
    const credentials = await this.users.credentialsById(actor.userId);
    if (!(await this.passwords.matches(credentials?.passwordHash ?? null, request.currentPassword))) {
      throw new DomainError('INVALID_CREDENTIALS', 'The current password is not right.');
    }
    await failed.takeBack();
    this.passwords.assertGood(request.newPassword, user.email, 'newPassword');
    const hash = await this.passwords.hash(request.newPassword);
    return this.db.transaction(async () => {
      await this.users.setPasswordHash(actor.userId, hash);
      await this.users.endSessions(actor.userId, 'password changed', actor.sessionId);
      await this.changes.record({
        action: 'user.password-changed',
        objectType: 'user',
        objectId: actor.userId,
        event: null,
      });
      return null;
    });
  }
}
