export { ClinicsModule } from './clinics.module.js';
export { ClinicsService } from './clinics.service.js';
export { CreateClinic } from './clinics.dto.js';
export { clinicsManagedBy } from './clinic.policy.js';
export { lockSchedule } from './schedule-lock.js';
