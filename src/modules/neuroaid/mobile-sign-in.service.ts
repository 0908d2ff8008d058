import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { AuthService, type Device, type Login, type SignedIn } from '../auth/index.js';
import type { Language } from '../../core/kernel/locale.js';
import { selectLanguage } from '../stroke/index.js';
import { UsersService } from '../users/index.js';

/** Signs users of the mobile client in. The client has no field for the code of a second factor. */
@Injectable()
export class MobileSignInService {
  constructor(
    private readonly auth: AuthService,
    private readonly users: UsersService,
    private readonly config: Config,
  ) {}

  /** @throws DomainError VALIDATION_ERROR, with a message for the user, for an account with a second factor */
  async login(request: Login, device: Device, acceptLanguage: string | null): Promise<SignedIn> {
    try {
      return await this.auth.login(request, device, { tokenSeconds: this.config.NEUROAID_TOKEN_EXPIRES_IN });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'MFA_REQUIRED') throw error;
      const account = await this.users.findSignInAccount(request.email);
      throw new DomainError(
        'VALIDATION_ERROR',
        MESSAGES[selectLanguage({ profile: account?.user.locale, acceptLanguage })],
      );
    }
  }
}

const MESSAGES: Readonly<Record<Language, string>> = {
  en: 'This account has a second factor, which this app cannot ask for. Sign in on the clinic’s website.',
  ar: 'هذا الحساب محمي بخطوة تحقق ثانية لا يدعمها هذا التطبيق. سجّل الدخول من موقع العيادة على الويب.',
  hi: 'इस खाते में दूसरे चरण का सत्यापन चालू है, जो यह ऐप नहीं पूछ सकता। क्लिनिक की वेबसाइट पर साइन इन करें।',
};
