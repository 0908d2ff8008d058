export { ScansModule, ScansProcessorsModule } from './scans.module.js';
export { ScansService } from './scans.service.js';
export { UploadService, type ScanForm } from './upload/upload.service.js';
export { MaybeUploadedScan, ReceivesScanForm, UploadedScan } from './upload/scan-form.interceptor.js';
export { ANALYSIS_LABEL, ANALYSIS_SUMMARY } from './analysis/analysis.repository.js';
export { AnalysisService } from './analysis/analysis.service.js';
export { AnalysisView } from './analysis/analysis.dto.js';
export { ScansQuery, ScanView } from './scans.dto.js';
