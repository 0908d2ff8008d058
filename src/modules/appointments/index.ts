export { AppointmentsModule } from './appointments.module.js';
export { AppointmentChangeHooks, type ChangedAppointment } from './appointment-change-hooks.js';
export { hasOpenStatus, STATUSES as APPOINTMENT_STATUSES, type AppointmentStatus } from './appointment-status.js';
export type { EventDetails } from './appointment-event.js';
export { VISITS_MESSAGE_EVENT, type VisitsMessage } from './visits-message.js';
export { APPOINTMENT_EVENTS, AppointmentEventReader, type ReadAppointmentEvent } from './appointment-event-reader.js';
export {
  AppointmentDetailsRepository,
  type PreviousDetails,
  type AppointmentDetails,
} from './appointment-details.repository.js';
export {
  APPOINTMENT_NOTES,
  APPOINTMENT_VIDEO_URL,
  CANCEL_REASON,
  INSURANCE_NOTE,
  NEW_NOTE,
  OLD_NOTE,
  STAFF_NOTES,
} from './appointment-texts.js';
export { AppointmentsService } from './appointments.service.js';
export { AppointmentStatusService } from './appointment-status.service.js';
export { assertAtOwnClinic, getClientId } from './appointment.policy.js';
export { HeldTimesService } from './held-times.service.js';
export { HoldSwapService } from './hold-swap.service.js';
export { holdExpired, referralRequired, referralUsed } from './appointment.errors.js';
export type { Hold } from './hold.entity.js';
export type { HoldEventPayload } from './holds.repository.js';
export { ReferralHooks, type ReferralHandler, type ReferralTerms, type ReferralUse } from './referral-hooks.js';
export type { RequestedSlot } from './requested-slot.js';
export { BookingService } from './booking.service.js';
export { ImportedVisitsService } from './imported-visits.service.js';
export type { ImportedOutcome, ImportedVisit } from './imported-visit.js';
export { PatientTimesService, type PatientTimes } from './patient-times.service.js';
export { RebookingService } from './rebooking.service.js';
export { RescheduleService } from './reschedule.service.js';
export { GroupSessionsService } from './group-sessions.service.js';
export {
  APPOINTMENT_SORTS,
  AppointmentsQuery,
  AppointmentView,
  BookAppointment,
  CancelQuery,
} from './appointments.dto.js';
export { CommaSeparated } from './comma-separated.js';
export { DayRepository, type BusyRow, type SentAppointment } from './day.repository.js';
export { DayHoldView } from './holds.dto.js';
export { EXPANDABLE, ShortDoctorView, type Expandable } from './short-objects.dto.js';
