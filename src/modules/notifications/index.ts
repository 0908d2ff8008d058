export { NOTIFICATION_BODY, NOTIFICATION_NOTE, NOTIFICATION_TITLE } from './notification-texts.js';
export { LinkTokens } from './link-tokens.js';
export { NotificationsModule, NotificationsProcessorsModule } from './notifications.module.js';
