export { ReportsModule } from './reports.module.js';
export { ReportMails } from './report-mails.js';
export { REPORT_EVENT } from './report-maker.js';
