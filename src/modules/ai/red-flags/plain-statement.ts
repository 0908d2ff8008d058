import { normalizeText } from './normalize.js';
import type { Span } from './scope.js';

/** Words that only frame a statement about somebody's state now: the person, "I think", "is having", "just now", numbers. */
const FRAME_WORDS = new Set(
  normalizeText(
    `i im i'm am me my myself he hes he's she shes she's they we you your his her their it its it's this that there is are be been was has have had having got gets
    get gotten a an the and of in on at to from with for or some all whole very really so just now right today tonight suddenly please help think
    might maybe probably could may must looks look like feels feel signs sign started since about only still again not sure if
    husband wife dad father mum mom mother son daughter baby child kid boy girl brother sister friend grandma grandpa grandmother grandfather uncle aunt
    partner boyfriend girlfriend neighbour neighbor colleague man woman guy patient old year years month months week weeks day days hour hours minute minutes
    pregnant strong bad severe heavy left right side both own sleeping tablets pills bottle
    life ever want wants going gonna worst whole swallowed took taken drank ate cramps paracetamol ibuprofen aspirin
    انا أنا عندي عنده عندها هو هي ده دي هذا هذه في على من مع الى و يا دكتور ابي أبي ابويا امي أمي ماما بابا زوجي زوجتي جوزي مراتي ابني بنتي ابنتي طفلي طفلتي اخي اختي اخويا
    جدي جدتي صديقي الان الآن دلوقتي هسه هلأ فجأة بعد قبل كان كانت يمكن ممكن اظن أظن اعتقد شكله شكلها كأنه حاسس حاسة شوية كتير قوي جدا اليوم النهارده الحين
    ana 3andi 3ando 3andaha howa heya abouya ommi mama baba ibni binti gozi mrati dlwa2ti delwa2ty alan el w
    मैं मुझे मेरा मेरी मेरे हमें उसे उनको उन्हें वह वो यह ये को का की के में से पर और है हैं हूँ हूं था थी रहा रही रहे हो गया गई गए अभी आज अचानक लगता लग शायद बहुत तेज़ तेज कुछ
    पापा मम्मी पिता पिताजी माँ मां पति पत्नी बेटा बेटी बेटे बच्चा बच्चे बच्ची भाई बहन दादी दादा नाना नानी दोस्त महीने हफ्ते साल दिन घंटे
    main mai mujhe mera meri mere use usko unko woh wo yeh ye ko ka ki ke mein me se par aur hai hain hun hoon tha thi raha rahi rahe ho gaya gayi abhi aaj achanak
    lagta lag lene lete leti shayad bahut tez kuch papa mummy pita maa pati patni beta beti bete bacha bacche bachi bhai behan dadi dada`,
    false,
  )
    .split(/[ |]+/)
    .filter(Boolean),
);
const NUMBER = /^\d/;

/**
 * Whether the clause of a match contains nothing beside it but words that frame a statement: "I think my husband is having a heart
 * attack now". It leaves no room for a figure of speech.
 * @param text normalized
 */
export function isPlainStatement(text: string, [start, end]: Span): boolean {
  const before = text.slice(text.lastIndexOf('|', start) + 1, start);
  const nextBreak = text.indexOf('|', end);
  const after = text.slice(end, nextBreak < 0 ? text.length : nextBreak);
  // A pattern may begin or end within a word.
  const rest = `${before.replace(/[^ ]+$/, '')} ${after.replace(/^[^ ]+/, '')}`;
  return rest.split(' ').every((word) => word === '' || NUMBER.test(word) || FRAME_WORDS.has(word));
}
