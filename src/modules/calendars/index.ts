export { CalendarsModule } from './calendars.module.js';
export { calendarFile } from './calendar-file.js';
export { toPatientEvent } from './visit-events.js';
