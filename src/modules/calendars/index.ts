export { calendarFile } from './calendar-file.js';
export { toPatientEvent } from './visit-events.js';
