export { AppointmentsModule } from './appointments.module.js';
export { AppointmentFacts, type EarlierFacts, type FactsOfAppointment } from './appointment-facts.js';
export { AppointmentsService } from './appointments.service.js';
export { AppointmentStatusService } from './appointment-status.service.js';
export { BookingService } from './booking.service.js';
export {
  APPOINTMENT_SORTS,
  AppointmentsQuery,
  AppointmentView,
  BookAppointment,
  CancelQuery,
} from './appointments.dto.js';
