import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { newId } from '../../core/kernel/id.js';
import { Passwords, UsersService } from '../users/index.js';
import type { Register } from './auth.dto.js';
import { AuthService } from './auth.service.js';
import type { Device } from './device.js';
import type { SignedIn } from './session-tokens.js';
import { SignInLimits } from './sign-in-limits.js';

/** Lets patients register with an address and a password. */
@Injectable()
export class SelfRegistrationService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly limits: SignInLimits,
    private readonly auth: AuthService,
  ) {}

  /**
   * Creates a CLIENT account with its patient record, and signs the patient in.
   * @param tokenSeconds for an API client that does not refresh: how long its access token and the session live
   */
  async register(request: Register, device: Device, tokenSeconds: number | null = null): Promise<SignedIn> {
    await this.limits.assertMayRegister(device.ip);
    this.passwords.assertStrong(request.password, request);
    const { password, phone, ...person } = request;
    const passwordHash = await this.passwords.hash(password);
    return this.db.transaction(async () => {
      const id = await this.users.insert(
        { id: newId(), ...person, phone: phone ?? null, passwordHash, role: 'CLIENT' },
        { isRegistration: true },
      );
      return this.auth.signIn(id, device, { tokenSeconds });
    });
  }
}
