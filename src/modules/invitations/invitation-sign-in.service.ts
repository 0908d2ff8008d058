import { Injectable } from '@nestjs/common';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AuthService, getNetwork, invalidLink, type Device, type SignedIn } from '../auth/index.js';
import { InvitationAcceptance } from './invitation-acceptance.service.js';
import type { AcceptInvitation } from './invitations.dto.js';

/** Accepts an invitation and signs the person in. */
@Injectable()
export class InvitationSignIn {
  constructor(
    private readonly acceptance: InvitationAcceptance,
    private readonly auth: AuthService,
    private readonly limits: RateLimits,
  ) {}

  async accept(request: AcceptInvitation, device: Device): Promise<SignedIn> {
    await this.assertMayTry(device.ip);
    const open = await this.acceptance.find(request.token);
    if (!open) throw invalidLink();
    if (!open.invitation.joinsClinic) return this.auth.signIn(await this.acceptance.activate(request), device);
    const { email } = open.invitee;
    if (!email) throw invalidLink();
    const { password, otp } = request;
    const signedIn = await this.auth.login({ email, password }, device, { otp });
    await this.acceptance.join(request.token);
    // The tokens in use get the new clinic at once (LiveSessions), so only the view is read again.
    return { ...signedIn, user: await this.auth.getUser(signedIn.user.id) };
  }

  /** Passwords are hashed, and birth dates could be guessed. @throws DomainError RATE_LIMITED */
  async assertMayTry(ip: string | null): Promise<void> {
    await this.limits.consume('invitationIp', getNetwork(ip));
  }
}
