export { DoctorsModule } from './doctors.module.js';
export { DoctorsService } from './doctors.service.js';
export { DoctorsQuery, DoctorView } from './doctors.dto.js';
