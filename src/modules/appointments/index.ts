export { AppointmentsModule } from './appointments.module.js';
export {
  AppointmentDetailsRepository,
  type PreviousDetails,
  type AppointmentDetails,
} from './appointment-details.repository.js';
export { APPOINTMENT_NOTES, CANCEL_REASON, NEW_NOTE, OLD_NOTE, STAFF_NOTES } from './appointment-texts.js';
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
