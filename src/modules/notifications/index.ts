export { NOTIFICATION_BODY, NOTIFICATION_NOTE, NOTIFICATION_TITLE } from './notification-texts.js';
export { NotificationsModule, NotificationsProcessorsModule } from './notifications.module.js';
