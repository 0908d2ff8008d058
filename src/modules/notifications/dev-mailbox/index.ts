export { DevMailboxModule, DevMailboxRoutesModule } from './dev-mailbox.module.js';
