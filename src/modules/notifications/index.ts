export { NotificationsModule, NotificationsProcessorsModule } from './notifications.module.js';
