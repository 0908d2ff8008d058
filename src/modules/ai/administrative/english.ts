import type { Vocabulary } from './phrases.js';

const VISIT =
  'appointment|appointments|appointement|apointment|appt|appts|booking|bookings|visit|visits|consultation|consultations|reservation';
const DAY =
  'monday|tuesday|wednesday|thursday|friday|saturday|sunday|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays';
const FAMILY = 'wife|husband|son|daughter|mother|mum|mom|father|dad|child|kid|baby|brother|sister|family|parents';
const CLINIC = 'clinic|office|practice|branch|center|centre|reception';

export const ENGLISH: Vocabulary = {
  requests: [
    `(${VISIT})`,
    '(book|booked|cancel|cancelled|canceled|cancelling|canceling|cancle|cancellation|reschedule|rescheduled|rescheduling|rebook)',
    `(change|move|shift|postpone|delay|confirm) (my|our|the|an|this|that|) (${VISIT})`,
    '(change|move|postpone) (the|my|our|) (time|date|day|slot|hour)( of|)',
    '(available|free|open|earliest|next) (slot|slots|times)',
    `(cannot|cant|can not|wont be able to|will not be able to|unable to|am unable to) (come|attend|make it) (to (my|the|our) (${VISIT})|tomorrow|today|next week|on (${DAY}))`,
    `do you have (any|an|a|) (${VISIT}|slot|slots)`,
    // Hours
    '(opening|working|business|office|clinic|visiting|consulting|your|reception) (hours|times|timings|schedule)',
    'what are (the|your) (hours|timings)',
    `(are|is) (you|the clinic|your clinic) (open|closed)`,
    `(do|does|will) (you|the clinic|your clinic) (open|close)`,
    '(the|your) clinic (opens|closes)',
    // Prices
    '(price|prices|pricing|price list|fee|fees|cost|costs|payment|payments|refund|invoice|receipt|deposit)',
    'how much (is|does|do|are|will|would) (it|that|this)( cost|)',
    '(pay|paying) (by|with|in|for|online|at)( a|) (card|cash|visa|credit card|clinic)',
    '(can|could|how do|how can|where do|where can) i pay',
    '(credit card|debit card)',
    // Address
    '(your|the|clinic|clinics) (address|location|phone number|telephone number|contact number|whatsapp number|email address|email)',
    '(address|location|phone number) of (the|your) clinic',
    `(where is|wheres|where can i find|how do i find) (the|your) (${CLINIC})`,
    'where are you( located| based|)',
    'how (do|can) (i|we) (get|come|drive) (there|to you|to the clinic|to your clinic|to your address)',
    '(directions|google maps|which floor)',
    // Parking
    '(parking|car park|parking lot|parking space)',
    '(where|can|may|could|do|to) (i|we|) park( my car| our car| the car| a car|)',
    // Insurance
    '(insurance|insurances|health insurance|medical insurance|insurance card|insurance company|insurance plan)',
    '(take|accept|cover) (my|any|the|private|) insurance',
    // Documents
    '(document|documents|paperwork|registration form|registration forms|id card|passport)',
    '(what|which papers) (should|do|must|shall|can) (i|we) (need to|have to|) bring( with me| along|)',
    'bring (my|the|an|) (id|papers)',
    '(certificate of attendance|attendance certificate)',
  ],
  greetings: [
    '(hi|hello|hey|greetings|welcome|salam|cheers)',
    '(hi|hello|hey) (there|doctor|dr|doc|sir|madam|all|everyone|team)',
    'good (morning|afternoon|evening|day)( doctor| dr| doc| sir| madam| everyone|)',
    '(thanks|thank you|thankyou|thx|ty|many thanks|thank you all)( very much| so much| a lot| again|)',
    '(thanks|thank you)( very much| so much| a lot|) for (your|the) (help|answer|reply|support|information|info|time|service)',
    '(ok|okay|great|perfect) (thanks|thank you)',
    '(how are you|have a nice day|have a good day|see you tomorrow|see you then|see you soon)',
    '(dear) (doctor|dr|sir|madam|team)',
  ],
  fillers: [
    '(i|we|you|a|an|the|my|our|your|to|for|on|at|in|of|with|by|from|until|till|before|after|between|and|or|please|pls|plz)',
    '(kindly|can|could|may|would|like|want|wanna|need|is|are|do|does|will|what|whats|when|where|which|how|me|there|any)',
    '(id like|ok|okay|also|just|make|get|schedule|arrange|check|know|ask|tell|send|find|accept|new|first|another|online|video)',
    '(make|get|schedule|arrange|book|cancel|reschedule|change|move) it',
    'is it possible( for me|) to (book|cancel|reschedule|change|move|make|get|schedule)',
    'how much',
    '(need|have|want|like) to bring( with me| along|)',
    '(want|need|have|like) to (make|get|schedule|arrange|change|move)',
    'have to (book|cancel|reschedule|change|move|postpone)',
    `(i|we) have (an|my|a|our) (${VISIT})`,
    'what time',
    '(different|other|earlier|later|another) (day|time|date|slot)',
    '(doctor|dr|specialist|dentist|nurse) (appointment|visit|fees|schedule)',
    '(appointment|visit|consultation|booking|slot) with (a|the|my|your|) (doctor|dr|specialist|dentist)',
    `(for|of) my (${FAMILY})`,
    '(do you have|is there) (a|any|)',
    'help me (book|cancel|reschedule|change|with (my|a|an))',
    'can you help me (book|cancel|reschedule|change)',
    `(${CLINIC})`,
    `(${DAY})`,
    '(today|tomorrow|weekend|weekends|weekday|weekdays|holiday|holidays|morning|afternoon|evening|noon|ramadan|eid|diwali|christmas)',
    `(next|this|coming) (${DAY})`,
    '(next|this|the coming) (week|month|morning|afternoon|evening)',
    '(january|february|march|april|june|july|august|september|october|november|december)',
  ],
};
