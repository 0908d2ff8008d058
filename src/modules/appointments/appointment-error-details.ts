import { registerErrorDetails } from '../../core/http/openapi/error-details.js';
import { refTo } from '../../core/http/openapi/schema.js';
import { appointmentConflict, holdExpired, slotNotOffered } from './appointment.errors.js';

/** The details of the errors in `appointment.errors.ts`, for the OpenAPI document. */

registerErrorDetails('APPOINTMENT_CONFLICT', {
  properties: {
    conflictingWith: {
      ...refTo('ConflictingWith'),
      description: '`APPOINTMENT_CONFLICT`: what is taken at this time.',
    },
    appointmentIds: {
      type: 'array',
      items: { type: 'string', format: 'uuid' },
      description:
        '`APPOINTMENT_CONFLICT`, when a record is claimed: your visits at the time of another visit of yours.',
    },
    alternatives: {
      type: 'array',
      items: refTo('AlternativeSlot'),
      description: '`APPOINTMENT_CONFLICT`: up to three of the nearest free times.',
    },
    occurrences: {
      type: 'array',
      items: refTo('OccurrenceProblem'),
      description: 'Of a series: every time that is not possible.',
    },
  },
  schemas: {
    AlternativeSlot: {
      type: 'object',
      required: ['startDateTime', 'endDateTime', 'doctorId'],
      properties: {
        startDateTime: { type: 'string', format: 'date-time' },
        endDateTime: { type: 'string', format: 'date-time' },
        doctorId: { type: 'string', format: 'uuid' },
      },
    },
    ConflictingWith: { type: 'string', enum: ['CLIENT', 'DOCTOR', 'RESOURCE'] },
    OccurrenceProblem: {
      type: 'object',
      required: ['startDateTime', 'reason'],
      properties: {
        number: { type: 'integer', description: 'Of a new series: its place, from 1.' },
        appointmentId: { type: 'string', format: 'uuid', description: 'Of a change.' },
        startDateTime: { type: 'string', format: 'date-time' },
        reason: { type: 'string', description: '`APPOINTMENT_CONFLICT`, or the reason of the error’s code.' },
        conflictingWith: refTo('ConflictingWith'),
        alternatives: { type: 'array', items: refTo('AlternativeSlot') },
      },
    },
  },
  example: ({ doctorId }) => ({
    message: appointmentConflict('DOCTOR').message,
    details: {
      conflictingWith: 'DOCTOR',
      alternatives: [
        { startDateTime: '2030-01-07T09:30:00.000Z', endDateTime: '2030-01-07T10:00:00.000Z', doctorId },
        { startDateTime: '2030-01-07T10:00:00.000Z', endDateTime: '2030-01-07T10:30:00.000Z', doctorId },
      ],
    },
  }),
});

registerErrorDetails('SLOT_NOT_OFFERED', {
  properties: {
    reason: {
      type: 'string',
      description:
        '`SLOT_NOT_OFFERED`: `INSIDE_NOTICE`, `PAST_HORIZON`, `TIME_OFF`, `OUTSIDE_WORKING_HOURS`, `OFF_GRID`, ' +
        '`TOO_MANY_UPCOMING`, `TOO_MANY_ON_DAY`, `TOO_MANY_NO_SHOWS`, `TOO_MANY_HOLDS`, `REFERRAL_REQUIRED`, `REFERRAL_USED` or `FULL`.',
    },
    maxPerDayPerClient: { type: 'integer', description: '`TOO_MANY_ON_DAY`: the limit.' },
    maxUpcomingPerClient: { type: 'integer', description: '`TOO_MANY_UPCOMING`: the limit of the clinic.' },
  },
  example: () => ({
    message: slotNotOffered('OUTSIDE_WORKING_HOURS').message,
    details: { reason: 'OUTSIDE_WORKING_HOURS' },
  }),
});

registerErrorDetails('HOLD_EXPIRED', {
  properties: {
    reason: {
      type: 'string',
      description:
        '`HOLD_EXPIRED`: `EXPIRED`; `USED` if it was already booked; `CLOSED` if the doctor, a room or the clinic is not available then any more.',
    },
  },
  example: () => ({ message: holdExpired().message, details: { reason: 'EXPIRED' } }),
});

registerErrorDetails('CANCELLATION_TOO_LATE', {
  properties: {
    cancellationCutoffMinutes: { type: 'integer', description: '`CANCELLATION_TOO_LATE`: the cut-off.' },
  },
});
