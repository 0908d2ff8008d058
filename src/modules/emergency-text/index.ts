export { EmergencyTextModule } from './emergency-text.module.js';
