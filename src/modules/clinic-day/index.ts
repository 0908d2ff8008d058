export { ClinicDayModule } from './clinic-day.module.js';
