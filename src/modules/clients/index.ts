export { ClientsModule } from './clients.module.js';
export { ClientMergeService } from './client-merge.service.js';
export { GuardianAccess } from './guardian-access.js';
export { ClientsService } from './clients.service.js';
export {
  ImportedClientsService,
  type ImportedClientOutcome,
  type PatientReference,
} from './imported-clients.service.js';
export { ChangeClient, ClientsQuery, CreateClient, PossibleDuplicate } from './clients.dto.js';
export { RegistrationService } from './registration.service.js';
export {
  CLIENT_ADDRESS,
  CLINIC_NOTES,
  DATE_OF_BIRTH,
  EMERGENCY_CONTACT,
  MERGE_VALUES,
  MRN,
  RecordEncryption,
} from './record-encryption.js';
export { mayBookFor } from './booker.sql.js';
