import { DEMO_IDS } from '../../src/api-document.js';
import type { DemoIds } from '../../src/core/http/openapi/examples.js';

/** The demo's two clinics with their people, rooms and services. Prices in minor units. */
export interface DemoClinic {
  name: string;
  timeZone: string;
  phone: string;
  address: string;
  emergencyNumber: string;
  currency: string;
  locale: string;
  slotStepMinutes: number;
  doctors: [firstName: string, lastName: string, speciality: string, bio: string][];
  services: DemoService[];
  rooms: string[];
  equipment: string[];
  clients: [firstNames: string[], lastNames: string[]];
  phonePrefix: string;
  /** Ids of the clinic, its first doctor and its first service, which the API's documentation refers to. */
  ids?: DemoIds;
}

export interface DemoService {
  name: string;
  description: string;
  specialities: string[];
  minutes: number;
  /** Minutes that stay reserved after the visit. */
  after: number;
  price: number;
  /** The kinds of resources that a visit needs in addition to the doctor. */
  needs: string[];
  mode?: 'VIDEO';
  capacity?: number;
}

export const CLINICS: DemoClinic[] = [
  {
    name: 'Nile Neurology and Heart',
    ids: DEMO_IDS,
    timeZone: 'Africa/Cairo',
    phone: '+20227901234',
    address: '12 Tahrir Square, Cairo',
    emergencyNumber: '123',
    currency: 'EGP',
    locale: 'ar',
    slotStepMinutes: 15,
    doctors: [
      ['Laila', 'Mansour', 'Neurology', 'Stroke and headache. طبيبة أعصاب في القاهرة'],
      ['Ahmed', 'El-Sayed', 'Neurology', 'Epilepsy. أحمد السيد استشاري أعصاب'],
      ['Nadia', 'Farouk', 'Neurology', 'Movement disorders'],
      ['Karim', 'Hosny', 'Cardiology', 'Atrial fibrillation. كريم حسني أمراض القلب'],
      ['Mona', 'Zaki', 'Cardiology', 'Heart failure'],
      ['Tarek', 'Gamal', 'Cardiology', 'Echocardiography'],
      ['Youssef', 'Adel', 'Radiology', 'MRI of brain and spine'],
      ['Heba', 'Ragab', 'Radiology', 'Vascular imaging'],
      ['Rania', 'Shawky', 'Physiotherapy', 'Rehabilitation after stroke'],
      ['Hassan', 'Amin', 'Physiotherapy', 'Gait and balance'],
      ['Dina', 'Lotfy', 'General practice', 'Family doctor'],
      ['Sherif', 'Naguib', 'General practice', 'Blood pressure and diabetes'],
    ],
    services: [
      {
        name: 'Neurology consultation',
        description: 'A first visit or a second opinion with a neurologist.',
        specialities: ['Neurology'],
        minutes: 30,
        after: 0,
        price: 60_000,
        needs: ['ROOM'],
      },
      {
        name: 'Stroke follow-up',
        description: 'Examination, medication and risk factors after a stroke or TIA.',
        specialities: ['Neurology'],
        minutes: 45,
        after: 15,
        price: 75_000,
        needs: ['ROOM'],
      },
      {
        name: 'Cardiology consultation',
        description: 'Heart and circulation, with an ECG where it is needed.',
        specialities: ['Cardiology'],
        minutes: 30,
        after: 0,
        price: 65_000,
        needs: ['ROOM'],
      },
      {
        name: 'MRI brain scan',
        description: 'Magnetic resonance imaging of the brain, reported by a radiologist.',
        specialities: ['Radiology'],
        minutes: 45,
        after: 15,
        price: 250_000,
        needs: ['EQUIPMENT'],
      },
      {
        name: 'Physiotherapy session',
        description: 'One-to-one training of strength, gait and balance.',
        specialities: ['Physiotherapy'],
        minutes: 45,
        after: 0,
        price: 35_000,
        needs: ['ROOM'],
      },
      {
        name: 'Video visit',
        description: 'A short visit by video, from wherever you are.',
        specialities: ['General practice', 'Neurology'],
        minutes: 15,
        after: 0,
        price: 25_000,
        needs: [],
        mode: 'VIDEO',
      },
    ],
    rooms: ['Room 1', 'Room 2', 'Room 3', 'Room 4', 'Room 5', 'Room 6', 'Room 7', 'Room 8'],
    equipment: ['MRI scanner'],
    clients: [
      ['Ali', 'Fatma', 'Mostafa', 'Aya', 'Ibrahim', 'Noha', 'Hany', 'Marwa', 'Sameh', 'Yasmin'],
      ['Abdel Rahman', 'Soliman', 'Gaber', 'Fouad', 'Ismail', 'Helmy', 'Kamal', 'Rashad'],
    ],
    phonePrefix: '+2010012',
  },
  {
    name: 'Garden City Clinic',
    timeZone: 'Asia/Kolkata',
    phone: '+918041234567',
    address: '48 Residency Road, Bengaluru',
    emergencyNumber: '112',
    currency: 'INR',
    locale: 'en',
    slotStepMinutes: 15,
    doctors: [
      ['Ananya', 'Rao', 'Dermatology', 'Eczema and psoriasis'],
      ['Vikram', 'Shetty', 'Dermatology', 'Skin cancer screening'],
      ['Meera', 'Krishnan', 'Dermatology', 'Children’s skin'],
      ['Arjun', 'Mehta', 'Paediatrics', 'Growth and nutrition'],
      ['Kavya', 'Iyer', 'Paediatrics', 'Asthma and allergy'],
      ['Rohan', 'Desai', 'Paediatrics', 'Vaccination'],
      ['Sneha', 'Patil', 'Orthopaedics', 'Knee and shoulder'],
      ['Aditya', 'Menon', 'Orthopaedics', 'Sports injuries'],
      ['Divya', 'Bhat', 'Orthopaedics', 'Spine'],
      ['Rahul', 'Gupta', 'General practice', 'Diabetes care'],
      ['Lakshmi', 'Pillai', 'General practice', 'Women’s health'],
      ['Suresh', 'Kumar', 'General practice', 'Preventive care'],
    ],
    services: [
      {
        name: 'Dermatology consultation',
        description: 'Skin, hair and nails.',
        specialities: ['Dermatology'],
        minutes: 20,
        after: 10,
        price: 80_000,
        needs: ['ROOM'],
      },
      {
        name: 'Paediatric check-up',
        description: 'Growth, development and vaccinations of a child.',
        specialities: ['Paediatrics'],
        minutes: 30,
        after: 0,
        price: 70_000,
        needs: ['ROOM'],
      },
      {
        name: 'Orthopaedic consultation',
        description: 'Joints, bones and sports injuries.',
        specialities: ['Orthopaedics'],
        minutes: 30,
        after: 0,
        price: 90_000,
        needs: ['ROOM'],
      },
      {
        name: 'General consultation',
        description: 'The family doctor, for all that is not an emergency.',
        specialities: ['General practice'],
        minutes: 15,
        after: 0,
        price: 50_000,
        needs: ['ROOM'],
      },
      {
        name: 'Video consultation',
        description: 'A short visit by video, from wherever you are.',
        specialities: ['General practice', 'Dermatology'],
        minutes: 15,
        after: 0,
        price: 40_000,
        needs: [],
        mode: 'VIDEO',
      },
      {
        name: 'Antenatal class',
        description: 'A class for up to eight expectant parents.',
        specialities: ['General practice'],
        minutes: 60,
        after: 15,
        price: 20_000,
        needs: ['ROOM'],
        capacity: 8,
      },
    ],
    rooms: ['Room A', 'Room B', 'Room C', 'Room D', 'Room E', 'Room F', 'Room G', 'Room H'],
    equipment: [],
    clients: [
      ['Aarav', 'Diya', 'Ishaan', 'Saanvi', 'Kabir', 'Nisha', 'Rajesh', 'Pooja', 'Manoj', 'Leela'],
      ['Sharma', 'Reddy', 'Nair', 'Joshi', 'Das', 'Kulkarni', 'Verma', 'Bose'],
    ],
    phonePrefix: '+9198450',
  },
];
