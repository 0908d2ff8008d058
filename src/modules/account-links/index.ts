export { AccountLinksModule } from './account-links.module.js';
export { LINK_EMAIL, LINK_PHONE } from './account-links.repository.js';
export { AccountLinksService, MAX_LINKS_PER_DAY } from './account-links.service.js';
export { AccountLinkTokens, type LinkAction, type LinkToken } from './account-link-tokens.js';
export type { AccountLink, LinkPurpose } from './account-link.entity.js';
export { ACCOUNT_MESSAGE_KINDS, isAccountMessage, type AccountMessageKind } from './account-message-kinds.js';
