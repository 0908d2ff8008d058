export { CalendarsModule } from './calendars.module.js';
export { calendarFile, type CalendarMethod } from './calendar-file.js';
export { toPatientEvent } from './visit-events.js';
