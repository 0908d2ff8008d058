export { ScansModule } from './scans.module.js';
export { ScansService } from './scans.service.js';
export { ScanFilesService } from './scan-files.service.js';
export { UploadService } from './upload/upload.service.js';
export { AnalysisService } from './analysis/analysis.service.js';
export { AnalysisView } from './analysis/analysis.dto.js';
export { ScansQuery, ScanView } from './scans.dto.js';
