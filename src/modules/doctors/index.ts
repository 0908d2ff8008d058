export { DoctorsModule } from './doctors.module.js';
export { DoctorsService } from './doctors.service.js';
