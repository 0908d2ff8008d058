import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/security/actor.js';
import { Passwords, UsersService } from '../users/index.js';
import type { UserView } from '../users/index.js';
import type { Login, Register } from './auth.dto.js';
import type { Device } from './sessions.repository.js';
import { SessionsService, type SignedIn } from './sessions.service.js';
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
      const signedIn = await this.sessions.open(id, passwordHash, device, tokenSeconds);
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
    const credentials = await this.users.credentialsOf(email);
    for (let attempt = 1; attempt <= SIGN_IN_ATTEMPTS; attempt += 1) {
      const known = await this.verified(email, password);
      if (!known) break;
      const signedIn = await this.sessions.open(known.userId, known.passwordHash, device, tokenSeconds);
      if (signedIn) {
        await failed.takeBack();
        return signedIn;
      }
      // The stored hash was exchanged between check and session: what is stored now has to be checked.
    }
    await failed.fail(credentials?.userId ?? null);
    throw new DomainError('INVALID_CREDENTIALS', 'The address or the password is not right.');
  }

  /** @returns the user whose address and password these are; whoever asks has to count the tries */
  async ownerOf(email: string, password: string): Promise<string | null> {
    return (await this.verified(email, password))?.userId ?? null;
  }

  async profile(actor: Actor): Promise<UserView> {
    const user = await this.users.find(actor.userId);
    if (!user) throw notFound();
    return user;
  }

  /** Whose password this is, with the hash that says so; null for nobody's. */
  private async verified(email: string, password: string): Promise<{ userId: string; passwordHash: string } | null> {
    const credentials = await this.users.credentialsOf(email);
    const stored = credentials?.passwordHash ?? null;
    if (!(await this.passwords.matches(stored, password)) || !credentials || !stored) return null;
    if (!this.passwords.isOutdated(stored)) return { userId: credentials.userId, passwordHash: stored };
    const passwordHash = await this.passwords.hash(password);
    await this.users.setPasswordHash(credentials.userId, passwordHash, stored);
    return { userId: credentials.userId, passwordHash };
  }
}
