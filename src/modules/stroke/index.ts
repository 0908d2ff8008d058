export { StrokeModule } from './stroke.module.js';
export { StrokeService } from './stroke.service.js';
export { StrokeAssessmentRequest } from './stroke.dto.js';
export { StrokeAssessmentView } from './stroke.view.js';
