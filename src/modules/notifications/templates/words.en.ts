import type { Words } from './words.js';

export const ENGLISH: Words = {
  labels: {
    greeting: 'Hello {{name}},',
    when: 'When',
    atTheClinic: 'At the clinic',
    before: 'Was',
    doctor: 'With',
    place: 'Where',
    phone: 'Clinic’s phone',
    videoVisit: 'Video visit',
    confirm: 'Confirm',
    cancel: 'Cancel the appointment',
    take: 'Take this time',
    decline: 'No, thank you',
    manage: 'See the appointment',
    awaitsConfirmation: 'The clinic still has to confirm it.',
    footer: 'This message was sent automatically for {{clinic}}. Answers to it are not read.',
    unsubscribe: 'Stop messages of this kind',
    yourClinic: 'your clinic',
    summary: 'Appointment with {{doctor}}, {{clinic}}',
  },
  sentences: {
    APPOINTMENT_BOOKED: {
      subject: 'Appointment booked: {{whenShort}}',
      title: 'Appointment booked',
      lead: 'Your appointment with {{doctor}} at {{clinic}} is booked.',
      short: 'Booked: your appointment with {{doctor}}, {{clinic}}, {{whenShort}}.',
    },
    APPOINTMENT_REQUESTED: {
      subject: 'Appointment requested: {{whenShort}}',
      title: 'Appointment requested',
      lead: 'You asked for an appointment with {{doctor}} at {{clinic}}. The time is kept for you until the clinic confirms it.',
      short: 'Requested: an appointment with {{doctor}}, {{clinic}}, {{whenShort}}. The clinic will confirm it.',
    },
    APPOINTMENT_CONFIRMED: {
      subject: 'Appointment confirmed: {{whenShort}}',
      title: 'Appointment confirmed',
      lead: 'Your appointment with {{doctor}} at {{clinic}} is confirmed.',
      short: 'Confirmed: your appointment with {{doctor}}, {{clinic}}, {{whenShort}}.',
    },
    APPOINTMENT_MOVED: {
      subject: 'Appointment moved: now {{whenShort}}',
      title: 'Appointment moved',
      lead: 'Your appointment with {{doctor}} at {{clinic}} has a new time.',
      short: 'Moved: your appointment with {{doctor}}, {{clinic}}, is now {{whenShort}}.',
    },
    APPOINTMENT_CANCELLED: {
      subject: 'Appointment cancelled: {{whenShort}}',
      title: 'Appointment cancelled',
      lead: 'Your appointment with {{doctor}} at {{clinic}} is cancelled.',
      short: 'Cancelled: your appointment with {{doctor}}, {{clinic}}, {{whenShort}}.',
    },
    APPOINTMENT_REMINDER: {
      subject: 'Reminder: appointment {{whenShort}}',
      title: 'Reminder of your appointment',
      lead: 'This is a reminder of your appointment with {{doctor}} at {{clinic}}.',
      short: 'Reminder: your appointment with {{doctor}}, {{clinic}}, {{whenShort}}.',
    },
    WAITLIST_OFFER: {
      subject: 'A time is free: {{whenShort}}',
      title: 'A time is free',
      lead: 'A time with {{doctor}} at {{clinic}} has become free and is kept for you for a short while.',
      short: 'A time is free with {{doctor}}, {{clinic}}, {{whenShort}}. It is kept for you for a short while.',
    },
    MESSAGE_FROM_CLINIC: {
      subject: 'Message from {{clinic}}',
      title: 'Message from {{clinic}}',
      lead: '{{clinic}} wrote to you:',
      short: 'You have a message from {{clinic}}. Sign in to read it.',
    },
  },
};
