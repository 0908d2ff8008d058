import { Module } from '@nestjs/common';
import { StrokeModule } from '../stroke/index.js';
import { EmergencyTextService } from './emergency-text.service.js';

/** Adds an emergency text to the errors of the routes on which people report symptoms. */
@Module({ imports: [StrokeModule], providers: [EmergencyTextService] })
export class EmergencyTextModule {}
