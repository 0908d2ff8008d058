import { Injectable } from '@nestjs/common';
import { RateLimits } from '../../core/security/rate-limits.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  AuthService,
  getNetwork,
  invalidLink,
  ReauthenticationService,
  SignOutService,
  type Device,
  type SignedIn,
} from '../auth/index.js';
import type { UserView } from '../users/index.js';
import { InvitationAcceptance, needsSignIn } from './invitation-acceptance.service.js';
import type { AcceptInvitation, JoinClinic } from './invitations.dto.js';
import type { OpenInvitation } from './open-invitations.js';

/** Accepts an invitation and signs the person in. */
@Injectable()
export class InvitationSignIn {
  constructor(
    private readonly acceptance: InvitationAcceptance,
    private readonly auth: AuthService,
    private readonly limits: RateLimits,
    private readonly signOut: SignOutService,
    private readonly reauthentication: ReauthenticationService,
  ) {}

  async accept(request: AcceptInvitation, device: Device): Promise<SignedIn> {
    await this.assertMayTry(device.ip);
    const found = await this.acceptance.find(request.token);
    if (!found) throw invalidLink();
    if (!needsSignIn(found)) return this.auth.signIn(await this.acceptance.activate(request), device);
    const signedIn = await this.signInAndJoin(found, request, device);
    // The tokens in use get the new clinic at once (LiveSessions), so only the view is read again.
    return { ...signedIn, user: await this.auth.getUser(signedIn.user.id) };
  }

  /**
   * Adds the clinic to the account of a person who proves who they are, and opens no session: for the page of the link, which has
   * counted the attempt (`assertMayTry`) before it looked for the invitation.
   */
  async join(request: AcceptInvitation, device: Device): Promise<void> {
    const found = await this.acceptance.find(request.token);
    if (!found) throw invalidLink();
    const { sessionId, user } = await this.signInAndJoin(found, request, device);
    await this.signOut.end({ userId: user.id, sessionId }, sessionId);
  }

  /**
   * Adds the clinic to the account of a signed-in person, such as one who signs in at an identity provider and has no password.
   * @throws DomainError VALIDATION_ERROR, also for the invitation of somebody else; FORBIDDEN without fresh proof; RATE_LIMITED
   */
  async joinSignedIn(actor: Actor, { token, ...proof }: JoinClinic, device: Device): Promise<UserView> {
    await this.assertMayTry(device.ip);
    const found = await this.acceptance.find(token);
    if (!found || !needsSignIn(found) || found.invitee.userId !== actor.userId) throw invalidLink();
    await this.reauthentication.assertFresh(actor, proof, device);
    await this.acceptance.join(token, async ({ userId }) => {
      if (userId !== actor.userId) throw invalidLink();
      await this.reauthentication.assertSessionOpen(actor);
    });
    return this.auth.getUser(actor.userId);
  }

  /** Limits how often a network can make this server hash passwords, and guess birth dates. @throws DomainError RATE_LIMITED */
  async assertMayTry(ip: string | null): Promise<void> {
    await this.limits.consume('invitationIp', getNetwork(ip));
  }

  private async signInAndJoin(found: OpenInvitation, request: AcceptInvitation, device: Device): Promise<SignedIn> {
    const { email } = found.invitee;
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
}
