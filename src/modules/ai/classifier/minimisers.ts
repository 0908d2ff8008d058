import { normalizeLetters, normalizeText } from '../red-flags/normalize.js';

/** Sentences with which people play down what they describe. They say nothing about the danger, so they must not lower it. */
const MINIMISERS: readonly RegExp[] = [
  // "my family says it is nothing", "everyone thinks I am overreacting"
  '(?:(?:my|the|our) )?(?:whole )?(?:family|wife|husband|hubby|partner|mother|mum|mom|father|dad|son|daughter|sister|brother|parents|kids|children|friends?|neighbou?rs?|boss|roommate|everyone|everybody|people|they|he|she)(?: all)? (?:says?|said|saying|thinks?|insists?|believes?|(?:keeps?|kept) (?:saying|telling me)|tells? me|told me)(?: me)?(?: that)?(?: (?:its|it is|it was|this is|thats|that is|im|i am|hes|shes|he is|she is))?(?: (?:just|only|probably|really|all|being))*(?: (?:nothing(?: serious| bad| much)?|fine|ok|okay|normal|stress|anxiety|nerves|tired(?:ness)?|gas|the heat|age|overreacting|dramatic|exaggerating|imagining(?: it| things)?|(?:will|ll) (?:pass|go away|be fine)))',
  '(?:(?:its|it is|this is|thats) )?(?:probably|maybe|perhaps|possibly|surely|most likely|likely|im sure its|im sure it is|must be|might be|could be|guess its|hopefully)(?: (?:just|only|all|its|it is))* (?:stress|anxiety|nothing(?: serious| bad)?|tired(?:ness)?|gas|nerves|the heat|panic|lack of sleep|in my head|my imagination|overreacting|im overreacting|old age|fine)',
  '(?:i )?(?:(?:really|just) )?(?:dont|do not|didnt|did not|wouldnt|hate to|not wanting to)(?: (?:really|like|want|wish|mean))?(?: to)? (?:bother|disturb|worry|trouble|burden|alarm|make a fuss|make a scene|waste)(?: (?:anyone|anybody|you|people|the doctors?|doctors?|about it|over nothing|your time|at this hour))*',
  'sorry (?:to|for) (?:bother|disturb|troubl|wast)\\w*(?: (?:you|your time))?',
  'not sure if (?:it|this) (?:matters|is important|is worth mentioning)',
  // Arabic
  '(?:اهلي|اهله|عائلتي|عيلتي|الاهل|زوجي|زوجتي|جوزي|مراتي|امي|ماما|ابي|ابوي|ابويا|بابا|اخوي|اخويا|اختي|اولادي|صاحبي|الكل|كلهم|الناس|هو|هي|هم)(?: كلهم)? (?:يقولون|يقولوا|بيقولوا|بقولوا|بيقول|بتقول|يقول|تقول|قالوا|قال|قالت|شايفين|شايف|يشوفون)(?: لي)?(?: (?:ان|انه|انها|اني|انو|ان الموضوع|الموضوع))?(?: (?:لا شيء|لا شي|ولا شي|مو شي|ما في شي|مافي شي|مافيه شي|مفيش حاجه|مافيش حاجه|ما فيه شي|عادي|بسيط|بسيطه|توتر|مجرد توتر|تعب|ابالغ|بتدلع|بيعدي|لا داعي للقلق|ماله داعي))',
  '(?:غالبا|يمكن|ربما|اكيد|احتمال|الظاهر|اظن|شكله|ممكن)(?: (?:انه|انها|يكون|تكون|من|مجرد|بس))*(?: (?:مجرد|من))? ?(?:توتر|تعب|ارهاق|قلق|ضغط نفسي|غازات|برد|اعصاب|بسيط|لا شيء|ولا شي)(?: (?:بس|فقط|مو اكثر))?',
  '(?:مش|ما|مو|لا) ?(?:عايزه?|عاوزه?|ابي|ابغي|ابغا|بدي|ودي|اريد|حابه?)(?: ان)? (?:اتعب|ازعج|اقلق|اشغل|اثقل علي)(?: (?:حد|احد|اي احد|اي حد|احدا|الناس|الدكتور|عليكم|عليكو))?',
  '(?:اسف|اسفه|معلش|عذرا)(?: جدا)?(?: علي| ع)? (?:ال)?ازعاج\\w*',
  // Hindi, also in Latin letters
  '(?:(?:मेरे|मेरी) )?(?:घर वाले|घरवाले|परिवार वाले|परिवार के लोग|परिवार|पति|पत्नी|मां|पापा|बेटा|बेटी|भाई|बहन|सब|सब लोग|लोग|वो|वह|वे)(?: सब)? (?:कहते|कहता|कहती|बोलते|बोलता|बोलती|मानते)(?: (?:हैं|है))?(?: कि)?(?: (?:ये|यह|बस))?(?: (?:कुछ नहीं|कुछ भी नहीं|कुछ नही|ठीक हो जाएगा|ठीक हो जायेगा|टेंशन|तनाव|गैस|थकान|वहम|चिंता मत करो|नाटक)(?: (?:है|हैं|होगा|होगी))?)',
  '(?:शायद|हो सकता है|लगता है|पक्का)(?: (?:बस|सिर्फ|यह|ये))* (?:तनाव|टेंशन|स्ट्रेस|थकान|गैस|वहम|घबराहट|कमजोरी)(?: (?:है|हो|होगा|होगी|की वजह से))?',
  '(?:किसी को|आपको|घर वालों को|लोगों को) (?:परेशान|तकलीफ|तंग|डिस्टर्ब)(?: (?:नहीं|नही))?(?: (?:करना|देना))?(?: (?:नहीं|नही))?(?: (?:चाहता|चाहती|चाहते))?(?: (?:हूं|है))?',
  '(?:mere |meri )?(?:ghar ?wale|gharwale|parivaar|parivar|family|pati|patni|wife|husband|maa|papa|sab|sab log|log|wo|woh)(?: sab)? (?:kehte|kehta|kehti|kahte|bolte|bolta|bolti|bol rahe|keh rahe)(?: (?:hain?|h))?(?: ki)?(?: (?:ye|yeh|bas))?(?: (?:kuch nahi|kuch nahin|kuch nhi|kuch bhi nahi|theek ho jayega|thik ho jayega|tension|gas|thakan|stress|wehem|chinta mat karo)(?: (?:hain?|h|hoga|hogi))?)',
  '(?:shayad|ho sakta hai|lagta hai|pakka)(?: (?:bas|sirf|ye|yeh))* (?:stress|tension|gas|thakan|thakaan|kamzori|anxiety|wehem)(?: (?:hai|ho|h|hoga|hogi|ki wajah se))?',
  '(?:kisi ko|aapko|ghar walon ko|logon ko) (?:pareshan|pareshaan|takleef|taklif|tang|disturb)(?: (?:nahi|nahin|nhi))?(?: (?:karna|dena|krna))?(?: (?:nahi|nahin|nhi))?(?: (?:chahta|chahti|chahte))?(?: (?:hoon|hun|hu|hai))?',
].map((source) => new RegExp(`(?<= )${normalizeLetters(source)}(?= )`, 'gu'));

/** The last few minimisers are also removed one at a time. A message of a thousand of them must not take a thousand times as long. */
const MAX_REMOVED_ALONE = 3;

/**
 * Removes the sentences that play a message down: what a person adds must not lower what was found before.
 * @returns normalized texts: the message without any of these sentences, then the message without only the last of them, and so on.
 * Empty if the message has none, or consists of nothing else
 */
export function withoutMinimisers(message: string): string[] {
  const text = normalizeText(message);
  const found = MINIMISERS.flatMap((pattern) => [...text.matchAll(pattern)]).toSorted((a, b) => b.index - a.index);
  const single = found.slice(0, MAX_REMOVED_ALONE).map(({ index, 0: { length } }) => replaceAt(text, index, length));
  const all = MINIMISERS.reduce((remaining, pattern) => remaining.replace(pattern, '|'), text);
  const variants = found.length > 1 ? [all, ...single] : single;
  return variants.map((variant) => variant.replace(/ {2,}/g, ' ')).filter((variant) => /\p{L}/u.test(variant));
}

const replaceAt = (text: string, index: number, length: number): string =>
  `${text.slice(0, index)}|${text.slice(index + length)}`;
