import { Module } from '@nestjs/common';
import { StrokeModule } from '../stroke/index.js';
import { EmergencyText } from './emergency-text.service.js';

/** Tells of an emergency in the errors of the routes where people report symptoms. */
@Module({ imports: [StrokeModule], providers: [EmergencyText] })
export class EmergencyTextModule {}
