export { AuthModule } from './auth.module.js';
export { AuthService } from './auth.service.js';
export { Login, Register } from './auth.dto.js';
export { EmailVerificationService } from './email-verification.service.js';
export { EmailTokens } from './email-tokens.js';
export { RegistrationInterceptor } from './registration.interceptor.js';
export { getDevice } from './device.js';
export type { SignedIn } from './session-tokens.js';
