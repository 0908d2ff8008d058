import { Injectable } from '@nestjs/common';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AuthService, getNetwork, invalidLink, SignOutService, type Device, type SignedIn } from '../auth/index.js';
import { InvitationAcceptance, needsSignIn } from './invitation-acceptance.service.js';
import type { AcceptInvitation } from './invitations.dto.js';
import type { OpenInvitation } from './open-invitations.js';

/** Accepts an invitation and signs the person in. */
@Injectable()
export class InvitationSignIn {
  constructor(
    private readonly acceptance: InvitationAcceptance,
    private readonly auth: AuthService,
    private readonly limits: RateLimits,
    private readonly signOut: SignOutService,
  ) {}

  async accept(request: AcceptInvitation, device: Device): Promise<SignedIn> {
    await this.assertMayTry(device.ip);
    const open = await this.acceptance.find(request.token);
    if (!open) throw invalidLink();
    if (!needsSignIn(open)) return this.auth.signIn(await this.acceptance.activate(request), device);
    const signedIn = await this.signInAndJoin(open, request, device);
    // The tokens in use get the new clinic at once (LiveSessions), so only the view is read again.
    return { ...signedIn, user: await this.auth.getUser(signedIn.user.id) };
  }

  /** Adds the clinic to the account of a person who proves who they are, and opens no session: for the page of the link. */
  async join(request: AcceptInvitation, device: Device): Promise<void> {
    const open = await this.acceptance.find(request.token);
    if (!open) throw invalidLink();
    const { sessionId, user } = await this.signInAndJoin(open, request, device);
    await this.signOut.end({ userId: user.id, sessionId }, sessionId);
  }

  private async signInAndJoin(open: OpenInvitation, request: AcceptInvitation, device: Device): Promise<SignedIn> {
    const { email } = open.invitee;
    if (!email) throw invalidLink();
    const { token, password, otp } = request;
    const signedIn = await this.auth.login({ email, password }, device, { otp });
    try {
      await this.acceptance.join(token);
    } catch (error) {
      await this.signOut.end({ userId: signedIn.user.id, sessionId: signedIn.sessionId }, signedIn.sessionId);
      throw error;
    }
    return signedIn;
  }

  /** Passwords are hashed, and birth dates could be guessed. @throws DomainError RATE_LIMITED */
  async assertMayTry(ip: string | null): Promise<void> {
    await this.limits.consume('invitationIp', getNetwork(ip));
  }
}
