import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Passwords, UsersService, type SignInAccount, type UserView } from '../users/index.js';
import type { Login, Register } from './auth.dto.js';
import type { Device } from './sessions.repository.js';
import type { SignedIn } from './session-tokens.js';
import { SessionsService } from './sessions.service.js';
import { SignInLimits } from './sign-in-limits.js';

const SIGN_IN_ATTEMPTS = 3;

@Injectable()
export class AuthService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    private readonly limits: SignInLimits,
  ) {}

  /**
   * Makes a CLIENT with its patient record, and signs it in.
   * @param tokenSeconds see SessionsService.open
   */
  async register(request: Register, device: Device, tokenSeconds: number | null = null): Promise<SignedIn> {
    await this.limits.assertMayRegister(device.ip);
    this.passwords.assertStrong(request.password, request);
    const { password, phone, ...person } = request;
    const passwordHash = await this.passwords.hash(password);
    return this.db.transaction(async () => {
      const id = await this.users.insert(
        { id: newId(), ...person, phone: phone ?? null, passwordHash, role: 'CLIENT' },
        { byItself: true },
      );
      const account = await this.users.signInAccount(request.email);
      const signedIn = account?.user.id === id && (await this.sessions.open(account, device, tokenSeconds));
      if (!signedIn) throw notFound();
      return signedIn;
    });
  }

  /**
   * The same answer in the same time for an unknown address and a wrong password.
   * @param tokenSeconds see SessionsService.open
   */
  async login({ email, password }: Login, device: Device, tokenSeconds: number | null = null): Promise<SignedIn> {
    const failed = await this.limits.begin(email, device.ip);
    let account: SignInAccount | null = null;
    for (let attempt = 1; attempt <= SIGN_IN_ATTEMPTS; attempt += 1) {
      account = await this.users.signInAccount(email);
      const verified = await this.verified(account, password);
      if (!verified) break;
      const signedIn = await this.sessions.open(verified, device, tokenSeconds);
      if (signedIn) {
        await failed.takeBack();
        return signedIn;
      }
      // The account was changed while the password was checked: check the one that is stored now.
    }
    await failed.fail(account?.user.id ?? null);
    throw new DomainError('INVALID_CREDENTIALS', 'The address or the password is not right.');
  }

  /** @returns the user whose address and password these are; whoever asks has to count the tries */
  async ownerOf(email: string, password: string): Promise<string | null> {
    return (await this.verified(await this.users.signInAccount(email), password))?.user.id ?? null;
  }

  async profile(actor: Actor): Promise<UserView> {
    const user = await this.users.find(actor.userId);
    if (!user) throw notFound();
    return user;
  }

  /** The account if this is its password, with the hash that is stored now; null otherwise. Takes as long for no account. */
  private async verified(account: SignInAccount | null, password: string): Promise<SignInAccount | null> {
    const stored = account?.passwordHash ?? null;
    if (!(await this.passwords.matches(stored, password)) || !account || !stored) return null;
    if (!this.passwords.isOutdated(stored)) return account;
    const passwordHash = await this.passwords.hash(password);
    await this.users.setPasswordHash(account.user.id, passwordHash, stored);
    return { ...account, passwordHash };
  }
}
