import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { registerBareMessages } from '../../core/http/bare.js';
import { DomainError, type ErrorCode } from '../../core/kernel/domain-error.js';
import { AuthService, type Device, type Login, type SignedIn } from '../auth/index.js';
import type { Language } from '../../core/kernel/locale.js';
import { selectLanguage } from '../stroke/index.js';
import { SignInAccounts } from '../users/index.js';

// The app compares this message.
registerBareMessages({ INVALID_CREDENTIALS: 'Invalid credentials' });

/** Signs users of the app in. The app has no field for the code of a second factor, and cannot set one up. */
@Injectable()
export class MobileSignInService {
  constructor(
    private readonly auth: AuthService,
    private readonly accounts: SignInAccounts,
    private readonly config: Config,
  ) {}

  /** @throws DomainError VALIDATION_ERROR, with a message for the user, for an account that has or needs a second factor */
  async login(request: Login, device: Device, acceptLanguage: string | null): Promise<SignedIn> {
    try {
      const tokenSeconds = this.config.NEUROAID_TOKEN_EXPIRES_IN;
      return await this.auth.login(request, device, { tokenSeconds, refusesMissingMfa: true });
    } catch (error) {
      const messages = error instanceof DomainError ? MESSAGES[error.code] : undefined;
      if (!messages) throw error;
      const account = await this.accounts.find(request.email);
      const language = selectLanguage({ profile: account?.user.locale, acceptLanguage });
      throw new DomainError('VALIDATION_ERROR', messages[language]);
    }
  }
}

const MESSAGES: Partial<Record<ErrorCode, Readonly<Record<Language, string>>>> = {
  MFA_REQUIRED: {
    en: 'This account has a second factor, which this app cannot ask for. Sign in on the clinic’s website.',
    ar: 'هذا الحساب محمي بخطوة تحقق ثانية لا يدعمها هذا التطبيق. سجّل الدخول من موقع العيادة على الويب.',
    hi: 'इस खाते में दूसरे चरण का सत्यापन चालू है, जो यह ऐप नहीं पूछ सकता। क्लिनिक की वेबसाइट पर साइन इन करें।',
  },
  FORBIDDEN: {
    en: 'Your account must have a second factor. Set it up on the clinic’s website, and sign in there.',
    ar: 'يجب أن يكون حسابك محميًا بخطوة تحقق ثانية. فعّلها من موقع العيادة على الويب وسجّل الدخول منه.',
    hi: 'आपके खाते में दूसरे चरण का सत्यापन ज़रूरी है। उसे क्लिनिक की वेबसाइट पर चालू करें और वहीं साइन इन करें।',
  },
};
