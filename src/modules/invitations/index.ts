export { InvitationsModule } from './invitations.module.js';
export { InvitationAcceptance } from './invitation-acceptance.service.js';
