export { StrokeModule } from './stroke.module.js';
export { StrokeService } from './stroke.service.js';
export { StrokeAssessmentRequest } from './stroke.dto.js';
export { StrokeAssessmentView } from './stroke.view.js';
export { emergencyNumber, type EmergencyNumber } from './emergency-number.js';
export { LANGUAGES, languageOf, type Language } from './language.js';
