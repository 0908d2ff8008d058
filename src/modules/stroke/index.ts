export { StrokeModule } from './stroke.module.js';
export { StrokeService } from './stroke.service.js';
export { StrokeAssessmentRequest } from './stroke.dto.js';
export { StrokeAssessmentView } from './stroke.view.js';
export { emergencyNumber, type EmergencyNumber } from './emergency-number.js';
export { LANGUAGES, languageOf, type Language } from './language.js';
export { PreventFacts } from './scales.dto.js';
export { PREVENT_RANGES } from './scores/prevent.js';
export type { Level } from './triage.js';
