import type { Lexicon } from './lexicon.js';

/** Everyday and clipped English for the concepts of `english.ts`. */
export const ENGLISH_PHRASES: Lexicon = {
  EMERGENCY:
    'emergncy, emergancy, ambulance, life or death, life threatening, really serious, something serious, very serious, serious happens, collapses at home, ring if, er',
  BOOK: 'how 2 book, bok, see a dermatologist, walk me through making an appointment, get a slot, pick a time, confirm after, where do i click, sign me up for a visit, make a booking, make appointment, new booking, book in, fix an appointment, grab a slot, to see someone, see someone, make an appointment with, book a visit, book me in, want an appointment, need an appointment, like an appointment, reserve a time, wanna see the, like to see a doctor, want to see a doctor, schedule a visit, schedule an appointment, take an appointment, set an appointment, arrange a visit',
  APPOINTMENT: 'apointment*, appoint*, apptm*, appts, apt, bookings, visit time, time slot*',
  CANCEL:
    'cancell*, cancle, cancelation, get rid of it, get rid of my appointment, drop my booking, drop a booking, drop my appointment, no longer need, dont need to come, do not need to come, not coming, wont be coming, wont come, unable to come, unable to attend, cant attend, cannot attend, scrap my, remove my appointment, delete my appointment, remove my booking, delete my booking, undo my booking, give up my slot, withdraw my booking, dont want to come, dont want the appointment, drop a booking i feel better, feel better now',
  CHANGE:
    'chnge, resched*, reshed*, rebook*, move it, a different day, different day, different time, another day, another time, other day, swap*, new time, new date, shift my, push my, delay my, put off, put it off, later date, change the time, change the date, modify, amend*, alter*, fix my, replace my',
  BRING:
    'take along, brng, bring along, have with me, show up with, with me when i come, with me for, things do i need for, need my id with me, come prepared, prepare for my visit, prepare for the appointment, need to have with me, hand over, pack for',
  DOCUMENT:
    'old ecgs, identification, proof of identity, id proof, documentation, pill box*, list of my medicines, list of medicines',
  REMINDER:
    'notified, notify, msg the day before, message before, message the day before, text before, text people, ping me, reminded, email before my appointment, let me know before, call me before, whatsapp message, appointment alert*, forget my appointment, forget the appointment, forget these things, keep forgetting appointments, push notification*',
  VIDEO:
    'vidio, on camera, over my laptop, over the internet, from home, webcam, skype, facetime, face time, google meet, online appointment, online consult, videocall*, tele health, tele medicine, tele consult*, e visit, over video, on screen, by phone or video, consult from home, remotely, see a doctor online, online session',
  PRICE:
    'how mch, u charge, will i be charged, be charged for, how much is it, how much are, how much would, know the cost, what would it cost, how much will, how much to see, how much do you want, what do you charge, rate, rates, price list, budget, affordable, how much money, how pricey, how much do i pay for, consultation fee',
  PAY: 'settle the bill, settle, pay you, apple wallet, pay by, pay with, bill, amex, maestro, contactless, cheque*, net banking, wire transfer, online payment, bank card*, wallet, paypal, ways to pay',
  REFUND:
    'refnd, my money again, money returned to me, amount returned, extra amount, double charged, charged me twice, charged double, overcharged, give me back my money, money refunded, get the money back, return the amount, money not returned, see my money, reimburse, paid by mistake, money come back, pay me back',
  INSURANCE:
    'insurence, insurer*, health policy, medicare, medicaid, daman, in network, blue cross, health cover, uninsured, insured, co pay, direct billing, my plan, health card, which insurance companies do you work with, insurance companies do you, insurer pays for',
  UPLOAD:
    'uplod*, put it in my account, add the pic, add a pic, add my report, add my scan*, add a photo, send you my scan*, send my mri, send my report*, share my scan*, share my report*, send the images, import my, add a file, send a file, send a pdf, post my scan*, transfer my scan, take dicom, jpg, jpeg, png',
  SCAN: 'x rays, xrays, cat scan, pic, photo, photos, pet scan, radiology, cd, mammogram*, sonogram*, images, lab report, ecg report, dicom files',
  DATA: 'read my notes, my medical stuff, who gets to read, who reads my, look at my file, look at my records, see my file, see my records, see my notes, seen by others, keep my secret, share my data, shared with, kept private, other people see, who has access, my personal information, personal details, my records safe, third part*, stay between us, sell my data',
  DELETE:
    'eras*, forget me, get rid of my data, remove all my, take me off, remove me from, delete everything, close my profile, removed, deactivate my account, delete my account',
  HOURS:
    'shut, shuts, shutting, opening today, open today, u open, earliest i can, earliest i can turn up, how early, when do you start, when do you finish, open till, open until, open late, open on, open at, closing today, work on sunday*, work on saturday*, work on friday*, working days, work days, open fri*, national holiday, bank holiday, sunday*, saturday*, lunch break, christmas, eid, ramadan hours, how late are you, how late do you, 24 hours, 24 7, timing, when are you there, come on sunday, come on saturday',
  LOCATION:
    'how do i get to you, get to you, from the station, which stop, bus stop, nearest station, find the place, find the clinic, find the building, how to reach, where r u, where you at, where are u, whereabouts, which street, what street, which floor, postcode, post code, zip code, gps, coordinates, google maps, pin location, landmark, which area, part of town, public transport, underground, tube, directions',
  PARKING:
    'car park, spaces at your building, parking space*, parking spot*, valet, where to park, driving in, come by car, coming by car, arrive by car, motorbike, scooter, bike stand, leave the car, multi storey',
  RESULT:
    'reslts, reslt*, report is ready, report ready, my report come, biopsy report, hear about my, when will i hear, hear back, blood taken, look up my lab, outcome, lab values, came back, come back yet, see my labs, my labs',
  TEST: 'biops*, labs, lab work, bloodwork, blood draw, blood sample, blood taken, cholesterol test, sugar test, lipid test, glucose test, urine test, swab, screening, bloods, lab test*, lab appointment',
  PRESCRIPTION:
    'prescripton, perscription*, inhaler prescription, my pills on prescription, more on prescription, script, regular medication, repeat medication, my medicines again, meds, more tablets, more of my medic*, more of my tablets, more of my pills, blood pressure pills, same medic*, long term medication, chronic medication, medication refill',
  RENEW:
    'nearly out of, almost out of, out of my, running out of, running low, finished my, refil, refils, again, get more, get more on, has expired, expired, renewal, another supply, top up, repeats, need more',
  REFERRAL:
    'refferal*, sent by anyone, being sent, go straight to, straight to the, must a family doctor send, family doctor first, gp first, see a gp first, referal*, without a gp, directly, direct access, letter from another doctor, letter from my doctor',
  SPECIALIST:
    'skin doctor, heart doctor, eye doctor, bone doctor, neuro, family doctor, rheumatolog*, gastroenterolog*, endocrinolog*, oncolog*, ophthalmolog*, ent doctor, pulmonolog*, surgeon, nephrolog*',
  LATE: '10 min late, min late, mins late, running behind, stuck in traffic, stuck in, held up, behind schedule, past my time, after my time, not on time, be on time, miss the start, lose my place, wont make it on time, cant make it on time, dont make it on time, late arrival, turn up late, grace period, arrive after, get there after, train is delayed, bus is late, flight is delayed, overslept',
  WAITLIST:
    'frees up, free up, someone drops out, drops out, waitng list, cancellation list, standby list, on standby, everything s full, everythings full, all full, no slots, no slot, no appointments, full until, get me in sooner, any cancellation*, someone else cancels, gets cancelled, spot opens, slot opens, opening comes up, becomes available, gets free',
  EARLIER:
    'want one sooner, earlier opening, sooner than, any sooner, quicker, faster, quick appointment, too far away, earliest',
  FAMILY:
    'elderly father, my elderly, grandma, grandpa, granny, my aunt, my uncle, nephew, niece, partner, husband s, my baby, toddler, newborn, in law, mother in law, father in law, my mums, mums, dads, girl friend, household, look after my, for her, for him, for them, other people, someone in my family, children s',
  LANGUAGE:
    'bengali, tagalog, polish, turkish, russian, chinese, mandarin, persian, farsi, punjabi, tamil, telugu, malayalam, somali, portuguese, german, italian, ukrainian, kurdish, pashto, nepali, swahili, japanese, korean, romanian, speak any, english not good, english not so good, my english, sign for deaf, deaf, translator*, language line, mother tongue, which languages, non english, cannot speak english, cant speak english, cannot speak arabic, cant speak arabic, cannot speak hindi, cant speak hindi, cannot speak the language, cant speak the language',
  ACCESS:
    'steps at the entrance, steps, stairs, staircase, do stairs, climb, wheelchar, wheel chair, rollator, crutches entrance, second floor, third floor, upstairs, handicap*, walking frame, mobility scooter, zimmer frame, blind',
  COPY: 'get papers, everything you have on me, get a copy, printout*, hand out, duplicate*, a pdf of my, give me my, obtain, take with me my, forward my, pass on my, send my records, send my file, whole medical history',
  RECORDS:
    'my papers, old papers, my notes, everything you have on me, entire history, complete history, whole history, treatment history, history, doctor s notes, from my treatment, case notes, case file, dossier, past visits, old treatment, papers from my',
  PHONE:
    'old sim, new sim, sim card, mobile no, phone no, ph no, contct, cellphone, contact details, contact data, my email, whatsapp number, new phone',
  ADDRESS:
    'moved house, new house, new flat, new place, moving house, new address, moved flat, changed address, street address, new apartment, relocated, postal address',
  PASSWORD:
    'pw, pwd, pasword, passwrd, wrong password, locked myself out, log me in, get into my account, cant get in, cannot get in, get in to my account, login details, credentials, forgotten my login, username, signin, log on, logon, account is locked, account locked, access my account, forgot password, forgot my password, forgotten my password, forgot pasword, remember my password, dont remember my pw, remember my pw',
  CERTIFICATE:
    'proof that i was ill, off work, days off, doctor s certificate, doctors certificate, official note, note that my, ill note, sicknote, unfit for work, note for my boss, letter for my boss, note for my employer, letter for school, letter for work, letter for my employer, letter for my school, absent, leave from work, excuse note, excuse letter, sick slip, medical note, proof for my boss, proof for work, wants proof, sick line, proof i was sick, my boss wants proof that i was ill, proof that i was ill, for my boss',
  FASTING:
    'have breakfast, breakfast before, eat breakfast, coffee allowed, coffee before, drink coffee, skip breakfast, have coffee, water before, drink water, not eat, stop eating, eating before, whether to eat, nil by mouth, be sober, without food, hungry for, have dinner before, food before, last meal, allowed to eat, may i eat, can i eat before, tea before, fasted, how to prepare for my lab, prepare for my blood test, prepare for the blood test, prepare for a blood test, prepare for my test',
  REGISTER:
    'regster, registr*, open account, create a profile, make an account, make a profile, never been to you, never been there, be your patient, looking to join, join your clinic, new here, im new, i am new, new pateint, new to the clinic, become your patient, set up an account, setup account, enroll, taking new patients, accept new patients, on your books, onboarding, first visit as, first timer, just moved to town',
  CHOOSE:
    'pick who i see, who i see, certain doctor, particular doctor, specific doctor, select a doctor, same doctor as, whoever s free, who will see me, who treats me, my usual doctor, ask for a doctor, ask for dr, own choice, choice of, decide which, rather be seen by, rather see, more comfortable with, choos, stick with, stay with my doctor, keep my doctor, assigned, pick who, be seen by a man, man to see me, feel more comfortable with, comfortable with, prefer a, would rather see, same doctor as last time',
  WOMAN:
    'female doctor, female doc, lady doctor, lady doc, women doctor, woman doctor, seen by a man, seen by a woman, by a woman, male doc, gents',
  DOCTOR: 'doc, docs, doctors, surgeon*, medic, provider*, therapist*, dentist*',
  CLINIC: 'hospital, facility, premises, your place, you guys, u guys, guys',
  COMPLAINT:
    'complaint*, formally looked into, unhappy, very unhappy, how i was treated, want to report a nurse, report a nurse, report a doctor, report your staff, report staff, manager, ombudsman, unprofessional, impolite, rude to me, disrespect*, terrible service, poor service, awful service, not satisfied, disappointed with, speak to someone in charge, person in charge, in charge, grievance*, escalate, bad experience, negative feedback, mistreated, shouted at me, was rude',
  FILLER:
    'u, ur, r, b4, 2, 4, wat, wht, shud, wud, cud, pls, plse, thx, ty, tmrw, tmr, tomoro, gonna, wanna, gotta, hav, hv, n, k, ok, okay, gimme, lemme, hows, wheres, whens, whos, dear, sir or madam, everything, anything, nothing, somebody, anybody, nobody else, whoever, whatever, whether, while, because, since i, if, then, else, instead, rather, maybe, perhaps, actually, basically, just, even, ever, never, always, often, sometimes, quite, pretty, right away, straight away, immediately, at once, at all, of course, by myself, ahead, in advance, beforehand, procedure, process, steps to take, option, options, possible, possibility, problem, chance, idea, no idea, wonder, wondering, curious, understand, explain, guide, show me, point me, tell me how, figure out, find out, check, checks, checking, supposed, meant, trying, try, tried, used, use this, time i come, hours before, yet, ready to, looking, look for, mind, feel free, button, menu, section, tab, click, press, field, enter, option to, somewhere, here in, around, till, until, about it, not sure, unsure, got a, ive got, im, weve, were, ill be, id like, would like, hrs, mins, min, sec, months, years, years old, lets say, in case, just in case, cause, coz, cuz, bc, good with computers, place, desk, at the desk, person, thanks in advance, asap, monday s, thursday s, later, latest, system, each time, every time, day before, night before, whole, total, wrote, write, give away, away, expect to, matter, apply, regarding, concerning, related to, enough, extra, commit, else do, ourselves, same, approve*, request*, reply, replies, answered, respond, confirm, confirmation, show up, shown up, doing, id like, id rather, i d like, i d, feel free, gave, gives, good with you, any good, works with, see what, do it, do that, done that, chat, this chat, receptionist, abroad, paper version, sorted, bother, hassle',
};
