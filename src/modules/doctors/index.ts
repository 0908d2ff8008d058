export { DoctorsModule } from './doctors.module.js';
export { DoctorsService } from './doctors.service.js';
export { DoctorView } from './doctors.dto.js';
