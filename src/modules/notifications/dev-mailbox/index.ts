export { DevMailboxRoutesModule } from './dev-mailbox.module.js';
