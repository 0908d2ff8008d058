export { NOTIFICATION_BODY, NOTIFICATION_NOTE, NOTIFICATION_TITLE } from './notification-texts.js';
export { LogQuery } from './notifications.dto.js';
export { NotificationsService } from './notifications.service.js';
export { LinkTokens } from './link-tokens.js';
export { NotificationsModule, NotificationsProcessorsModule } from './notifications.module.js';
