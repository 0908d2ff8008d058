import type { Lexicon } from './lexicon.js';

/** Standard English. */
export const ENGLISH: Lexicon = {
  EMERGENCY: 'emergenc*, urgent*',
  BOOK: 'book, booking, booked, schedule, scheduling, reserve, reservation, make an appointment, set up an appointment, get an appointment, see a doctor, arrange',
  APPOINTMENT: 'appointment*, booking, slot*, reservation, appt*, schedule',
  CANCEL: 'cancel*, call off, cant make it, cannot make it, cant come, cannot come, cut off, not able to come',
  CHANGE:
    'chang*, reschedul*, move, moving, postpone*, push back, push, switch, updat*, edit, correct, shift, bring forward, later slot',
  BRING:
    'bring*, which papers, what papers, papers needed, papers do i need, documents do i need, need my id, need an id, need my insurance card, take with me, carry, have with me, take my',
  DOCUMENT:
    'document*, paper, papers, paperwork, id card, my id, id, identity, identity card, passport copy, insurance card, old report*, earlier report*',
  REMINDER: 'remind*, notif*, text me, alert*, text message*, sms',
  VIDEO:
    'video, telehealth, telemedicine, online consultation*, online visit*, video call*, remote consultation*, virtual, teleconsult*, online doctor, zoom',
  VISIT: 'visit*, consultation*, consult, check up, checkup, follow up, come in, seen',
  PRICE:
    'price*, pricing, cost*, fee, fees, charge*, how much is, how much does, how much do you charge, how much for a visit, expensive, cheap*, tariff*',
  PAY: 'pay*, paid, card, credit card*, debit card*, cash, visa, mastercard, apple pay, google pay, instalment*, installment*, payment*, upi, bank transfer, invoice, receipt',
  REFUND: 'refund*, money back, reimburs*, money returned, return my money, paid twice, charged twice, get my money',
  INSURANCE:
    'insur*, health plan, coverage, covered, covers, cover, bupa, aetna, copay, policy, axa, allianz, cigna, plan',
  UPLOAD:
    'upload*, attach*, submit, add an old report, send my x ray, send my scan*, send x ray, send scan*, file type*',
  SCAN: 'scan*, mri, x ray*, xray*, ct, ultrasound, dicom, pdf, imaging, report*, image*, picture*',
  DATA: 'data, privacy, private, my information, medical information, confidential*, access, gdpr, who can see, who sees, personal, secure, all my information',
  DELETE: 'delet*, erase*, remove my, close my account, wipe',
  HOURS:
    'open, opening, opening hours, opening time*, close, closing, closed, closes, opens, hours, office hours, working hours, holidays, public holiday*, timings, business hours, until what time, weekend*',
  LOCATION:
    'where are you, where is the clinic, address, located, location, direction*, map, find you, get there, bus, metro, subway, tram, train, get to, reach you, reach the clinic, route',
  PARKING: 'park*, car park, garage, leave my car, car',
  RESULT: 'result*, blood result*, test result*, lab result*, findings',
  TEST: 'test, tests, blood test*, lab, laboratory, blood work, blood, analysis',
  PRESCRIPTION: 'prescri*, rx',
  RENEW: 'renew*, refill*, repeat, ran out, run out, extend, reorder, re order, new one',
  REFERRAL: 'refer*, gp letter, letter from my gp, doctor s letter',
  SPECIALIST:
    'specialist*, cardiologist, dermatolog*, neurologist, orthop*, gynecolog*, gynaecolog*, pediatric*, paediatric*, consultant, gp, urologist, psychiatrist, ent',
  LATE: 'late, running late, delayed, delay, traffic, miss my appointment, missed my appointment, minutes late, arrive late',
  WAITLIST:
    'waiting list, waitlist*, wait list, nothing free, fully booked, if someone cancels, someone cancels, earlier slot, earlier appointment, standby, no free',
  EARLIER: 'earlier, sooner, opens up, becomes free',
  FAMILY:
    'family, son, daughter, child, children, kid, kids, wife, husband, mother, father, mom, mum, dad, parent*, brother, sister, spouse, relative*, on behalf, dependant*, dependent*, baby, grandmother, grandfather, for my son, for my mother, for my child, someone else, my boy, my girl',
  LANGUAGE:
    'language*, interpret*, translat*, speak*, speaks english, english, arabic, hindi, urdu, french, spanish, sign language, spoken, bilingual',
  ACCESS:
    'wheelchair*, ramp*, lift, lifts, elevator*, disab*, accessib*, barrier free, step free, stairs to, mobility, walker',
  COPY: 'copy, copies, download*, export*, print*, send me my, transfer my',
  RECORDS: 'record, records, medical file*, medical record*, my file, medical history, health record*, chart',
  PHONE:
    'i moved, new mobile number, new phone number, new number, new email, phone, phone number, mobile, mobile number, cell, telephone, contact detail*, email, e mail, email address, contact info*, number',
  ADDRESS: 'i moved, address, moved, contact detail*, home address, my address',
  PASSWORD:
    'password*, log in, login, sign in, log into, locked out, cant log in, cannot log in, reset, passcode, sign in page, two factor, otp',
  CERTIFICATE:
    'sick note*, sick leave, certificate*, medical certificate*, note for work, note for school, note for, fit note, employer, for work, sick certificate*, doctors note, absence',
  FASTING:
    'fast, fasting, empty stomach, fasted, eat before, drink before, drink water before, eat or drink, eat anything before',
  REGISTER:
    'regist*, sign up, signup, create an account, new account, new patient*, open an account, first time, enrol*, join the clinic, create account, becoming a patient, become a patient',
  CHOOSE: 'choos*, pick, select, request a, prefer*, which doctor, certain doctor, same doctor',
  WOMAN: 'female, woman, women, lady, male doctor, male, gender',
  DOCTOR: 'doctor*, dr, physician*, clinician*, nurse*, staff, practitioner*',
  CLINIC: 'clinic*, practice, office, center, centre, surgery hours, reception, front desk, building, entrance, you',
  COMPLAINT:
    'complain*, feedback, not happy with the service, unhappy with, rude, rudely, dissatisfied, bad service, treated badly, suggestion*, file a complaint',
  TIME: 'time, times, date, day, days, week, deadline',
  CLINICAL:
    'with grapefruit, which medicine, what medicine, new medicine, my medicine makes, stop my medicine, take my medicine, medicine for, show, scan ok, results ok, report ok, x ray ok, mri ok, scan say, report say, scan bad, cut me, time of the month, who is not there, nobody is there, pain*, hurt*, ache*, aching, sore*, numb*, tingl*, weak, weaker, weakness, paralys*, bleed*, bled, fever*, cough*, dizz*, faint*, vomit*, nausea*, throw up, threw up, diarrh*, constipat*, rash*, itch*, swell*, swollen, swelling, headache*, migraine*, stroke*, seizure*, cancer, tumor*, tumour*, diabet*, insulin, cholesterol, heart, chest, lung*, kidney*, liver, stomach, belly, bowel*, stool, urine, pee, brain, head, neck, back pain, my back, knee*, leg, legs, arm, arms, hand, hands, finger*, foot, feet, toe*, toenail*, shoulder*, elbow, wrist*, ankle*, hip, skin, face, eye, eyes, ear, ears, nose, mouth, tongue, tooth, gum, gums, throat, lip, lips, pupil, bone, breast*, mole, lump*, wound*, burn*, injur*, broken, broke, fracture*, sprain*, infect*, antibiotic*, ibuprofen, paracetamol, aspirin, pill*, tablet*, dose*, drug*, pregnan*, period, miscarr*, birth, contraction*, depress*, anxi*, suicid*, kill*, die, dying, dead, hurts, breath*, breathe, asthma, allerg*, blood pressure, sugar, pulse, positive, negative, high, low, lesion, potassium, surgery, operation*, surgical, symptom*, disease*, sick, ill, illness, cure*, treat a, heal, collapse*, unconscious, wak*, swallow*, chok*, poison*, overdose, vision, blurry, blurred, double, smell, hearing voices, confus*, crooked, droop*, slur*, speech, words, drunk, alcohol, smok*, since this morning, since yesterday, since today, since lunch, since monday, since last night, out of the wheelchair, cant move, cannot move, cant speak, doesnt speak any, speak properly, cant get up, cannot get up, hit by, ran over, fell, fall, fallen, empty feeling, tired, fatigue, insomnia, sleep*, dementia, forgets, forget things, forgetting, live, myself, funeral, cant go on, disappear, wart*, gout, appendi*, vaccin* side, weigh*, kilos, thyroid, ramadan, exercise, moving today, goes numb, shak*, trembl*, my life, heartburn, flu, cold sore, hair, acne, mean, means, normal, safe, worried, worry, bad for, does it mean, wrong with, strange*, adhd, vein*, clot*, ring*, spinning, sweat*, abuse, chemical*, stronger, side effect*, interact*, grapefruit, milk, egg, eggs, coffee, food, foods, diet',
  FILLER:
    'medication*, medicine*, ready, neighbour hood, city, deadline, kinds, method*, existing, regular, via, the, a, an, and, or, but, so, if, of, to, for, in, on, at, by, with, from, about, into, as, is, are, am, was, were, be, been, being, do, does, did, done, have, has, had, having, will, would, can, could, should, shall, may, might, must, i, me, my, mine, we, us, our, your, yours, he, him, his, she, her, they, them, their, it, its, this, that, these, those, there, here, what, whats, which, who, whom, when, where, why, how, not, no, yes, dont, cant, cannot, doesnt, didnt, isnt, im, ive, ill, want, wants, need, needs, needed, like, please, pls, plz, thanks, thank you, hi, hello, hey, get, got, gets, go, going, goes, come, comes, let, know, tell, give, make, happen*, work, works, long, many, much, any, some, all, one, two, first, next, last, also, just, only, too, very, really, still, already, yet, before, after, during, then, now, today, tomorrow, yesterday, tonight, monday, tuesday, wednesday, thursday, friday, saturday, sunday, morning, evening, afternoon, night, month, year, ago, soon, online, app, website, site, page, possible, able, allowed, required, require*, necessary, example, way, ways, thing, things, something, someone, anyone, people, patient*, use, uses, using, accept*, offer*, take, takes, taken, ask, say, says, find, look, see, sees, ill be, should, off, up, down, out, without, within, between, through, over, under, their, sara, ali, ahmed, name, question*, help, sorry, see, receive*, received, back, put, hold, free, available, company, companies, kind, type, types, old, another, other, new, per, each, every, own, keep, start, end, turn, message, messages, link, account, send, add, bit, few, handle, contact, call, deal, still be, want to, member, profile, join, list, person, few days, better, state, country, number of, minutes, hours long, report it, service, services, behind, nearby, near, somewhere, through the, sends, am i, expect, usually, normally',
};
