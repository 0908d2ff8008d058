export { DoctorsModule } from './doctors.module.js';
export { DOCTOR_VIDEO_URL } from './doctor-video-url.js';
export { DoctorsService } from './doctors.service.js';
export { ChangeDoctor, CreateDoctor, DoctorsQuery, DoctorView } from './doctors.dto.js';
