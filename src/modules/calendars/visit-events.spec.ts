import { describe, expect, it } from '@jest/globals';
import { toDoctorEvent, toInitials, toPatientEvent, type CalendarVisit } from './visit-events.js';

const visit: CalendarVisit = {
  appointmentId: 'a',
  version: 2,
  start: 0,
  end: 1,
  status: 'CONFIRMED',
  doctorName: 'Dr Laila evil.example',
  clinicName: 'Nile\nClinic',
  clinicAddress: '1, Corniche',
  mode: 'VIDEO',
  videoUrl: 'https://video.example/room',
};
const english = { language: 'en', organizerEmail: 'no-reply@clinic.example' } as const;

describe('the entry of a video visit', () => {
  it('has the link for programs and for people, after the note', () => {
    const event = toPatientEvent(visit, { ...english, note: 'new time' });
    expect(event).toMatchObject({
      summary: 'Appointment with Dr Laila evil. example, Nile Clinic',
      location: 'Video visit',
      url: 'https://video.example/room',
      description: 'new time. Join: https://video.example/room',
    });
  });

  it('has no description without a link', () => {
    expect(toPatientEvent({ ...visit, videoUrl: null }, english)).not.toHaveProperty('description');
  });
});

it('the entry of a visit at the clinic has the address, and never a link', () => {
  const event = toDoctorEvent({ ...visit, mode: 'IN_PERSON' }, 'A. H.', english);
  expect(event).toMatchObject({ summary: 'Visit: A. H., Nile Clinic', location: '1, Corniche' });
  expect(event).not.toHaveProperty('url');
});

it.each([
  [['Amina', 'Hassan'], 'A. H.'],
  [['آمنة', 'حسن'], 'آ. ح.'],
  [['कमला', 'शर्मा'], 'क. श.'],
  [[' (ed)', ''], 'E.'],
  [['–', ''], '–'],
])('the initials of %j are %s', (names, initials) => expect(toInitials(...names)).toBe(initials));
