export { AdministratorsService } from './administrators.service.js';
export { InvitationsService } from './invitations.service.js';
export { InvitationsModule } from './invitations.module.js';
export { InvitationSignIn } from './invitation-sign-in.service.js';
export type { OpenInvitation } from './open-invitations.js';
export { InvitationAcceptance, needsSignIn } from './invitation-acceptance.service.js';
