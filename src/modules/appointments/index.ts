export { AppointmentsModule } from './appointments.module.js';
export { AppointmentFacts, type FactsOfAppointment } from './appointment-facts.js';
export { AttendanceService } from './attendance.service.js';
