import { toWords } from './lexicon/word-forms.js';

/** Words after which a name follows, whatever it means: "name: Hope". */
export const INTRODUCTIONS = toWords(
  `name named names mr mrs miss regards sincerely faithfully naam nam ismi esmi esmy ismo esmo ismaha esmaha attn attention patient
  اسمي اسمه اسمها الاسم باسم اسم يدعى تدعى المدعو المدعوة نام नाम श्री श्रीमती सुश्री मिस्टर मिसेज`,
);
/** Words that often stand before a name, but also alone. */
export const TITLES = toWords(
  `dr doctor doc prof professor nurse sister captain col major sheikh shaikh sheikha hajj haji hajji hagg ustaz eng engineer ms master
  auntie aunty aunt uncle tita tito ate kuya lola lolo bibi biji sri smt shri shrimati called ammo tante madam mister sir pandit maulana
  doktor doktora docteur ostaz sett tante khalto 3ammo old little baby poor
  7ag 7agg hagga 7aga 7agga el7ag elhag abla
  مستر مسز ميس دكتور دكتورة الدكتور الدكتورة د الأستاذ الأستاذة استاذ السيد السيدة الشيخ الشيخة الحاج الحاجة المهندس مهندس الممرضة الممرض مدام آنسة
  مدام عم العم خالة الخدامة الخادمة خدامة العاملة عاملة السائق السواق المندوب المحامي المحامية الدكتوره دكتوره الاستاذة الاستاذ استاذة ميس الشغالة المربية الداية الحكيمة معكم معاكم
  المريض المريضة المرحوم المرحومة الطفل الطفلة أم أبو ام ابو بو بنت ابن بن يا يدعى
  डॉ डॉक्टर डाक्टर मास्टर सिस्टर मरीज मरीज़ पंडित मौलाना हाजी बाबू`,
);
export const RELATIVES = toWords(
  `son daughter law inlaw inlaws mother father mum mom dad brother sister husband wife uncle aunt auntie aunty grandson granddaughter grandmother
  grandfather grandad grandma granny baby kid child boy girl friend neighbour neighbor cousin nephew niece partner colleague roommate
  flatmate boss driver maid nanny mama baba papa mummy maa amma appa abbu ammi
  beta bete beti bhai bhaiya behen behan bahen didi pati patni biwi chacha chachi mama mami mausi bua dada dadi nana nani saas sasur bahu
  damad devar nanad jeth dost padosi pitaji mataji pota poti saheli bhabhi
  ebny bnty benty ebni bnti 7amaty gozy gozi mraty marati a5oya okhty okhti akhoya ummi ommi abi abuya ammi khali khalty 3amty 5alty walid
  ابني ابنتي بنتي ولدي طفلي طفلتي زوجي زوجتي جوزي مراتي أبي ابوي ابويا والدي أمي امي والدتي أخي اخويا اخوي أختي اختي عمي عمتي خالي خالتي
  جدي جدتي حماتي حمايا حفيدي حفيدتي جاري جارتي جارنا جارتنا صديقي صديقتي صاحبي صاحبتي زميلي زميلتي خالتو عمتو توأمي توأمها توأمه اخوها اخوه ابنه ابنها ابننا بنتنا ولدنا اخته اخوه
  خالو عمو تيتا تيته جدو ننه ستي نينا امها ابوها امه ابوه خطيبي خطيبتي كفيلي كفيلها كفيله كفيلتي سواقي حماته حماتها حفيدها حفيده حفيدتها بنتها بنته زوجها زوجته مراته جوزها ولدها
  الوالد الوالدة ماما بابا
  बेटा बेटे बेटी बच्चा बच्ची पति पत्नी मां माँ पिता पापा मम्मी भाई बहन दादा दादी नाना नानी चाचा चाची मामा मामी बुआ मौसी ताऊ ताई ससुर सास
  बहू दामाद देवर ननद साला साली भाभी जीजा पड़ोसी दोस्त पोता पोती सहेली पिताजी माताजी`,
);
/** Words that stand before the writer's or another person's name: "it's mark again", "ask amina". */
export const POINTERS = toWords(
  `its about me this that tell ask hi hello dear im iam for with and from by says told is was does did could can has think thinks because when if ana main mai hum aur और व मैं हम दोनों انا أنا و مع عن ومعي كلم كلمي كلموا اسأل اسألوا تحليل نتيجة ملف جماعة لاقيين ترى`,
);
/** Words that follow a person's name. */
export const PERSON_WORDS = toWords(
  `has had is was says said keeps kept got gets feels felt threw cries cried fell swallowed started again here vomited needs wants complains
  looks seems woke cant wont doesnt ate who isnt hasnt wasnt hadnt couldnt didnt cannot could allowed lying due supposed running refuses refused weighs turned takes took slept sleeps stopped developed
  first coughs coughed gave bit broke hit drank fainted collapsed choked burnt burned hurt cut went came called asked missed lost vomits tested vomiting coughing crying
  3ando 3andaha 3anda ta3ban ta3bana 3omro 3omraha we2e3 we23et wa2e3 sokhn sokhna beykohh betko7 beyko7 bey3ayat bet3ayat nayem nayma
  dono दोनों ko ne ji jee bhai bhaiya anna amma akka didi ben bhen behen sahab saheb beta beti bol uncle aunty auntie kaur singh devi kumar kumari lal
  को ने जी भाई भैया दीदी बहन साहब बेटा बेटी अंकल आंटी अन्ना अम्मा देवी सिंह कुमार कुमारी लाल कौर बोल
  عنده عندها تعبان تعبانة مريض مريضة عمره عمرها سنها سنه بيشتكي بتشتكي يشتكي تشتكي بيكح بتكح بترجع بيرجع كان كانت قال قالت قالتلي صار
  صارت ماله مالها سخن محتاج محتاجة وقع وقعت طاح طاحت اختي اخويا أختي أخي ابني بنتي بن بنت لدغه بلع بلعت أكل أكلت اكل اكلت شرب شربت داخ داخت رجع رجعت سقط سقطت انجرح انجرحت اتعور اتعورت اتحرق اتحرقت بتعاني يعاني تعاني حامل بتعيط بيعيط مش ما`,
);
/** Of the words above, those that also follow many other words. */
export const WEAK_PERSON_WORDS = toWords('مش ما كان كانت صار صارت को बोल लाल');
/** Forms that follow a name in Arabic: verbs of the third person, and nouns with "his" and "her". */
export const ARABIC_AFTER_NAME = /^(?:مش|ما|ب?[تي]\p{Script=Arabic}{3,}|\p{Script=Arabic}{2,}(?:ها|ته|تها))$/u;
/** After a name at the start of a clause: "ज्योति की तबीयत". */
export const POSSESSIVES = toWords('ka ki ke का की के');
/** Words that are seldom names after them, and never names by a capital letter alone. */
export const SELDOM_NAMES = toWords(
  `will may can hope art bill max rich chance march april june july august monday tuesday wednesday thursday friday saturday sunday
  january february september october november december god allah christian easter christmas ramadan sir madam doctor mum dad
  father mother uncle aunt king star summer autumn said mai hum general will umar kamar`,
);
/** Words that join the parts of a name. */
export const NAME_PARTICLES = toWords(
  'bin bint ibn al el abu abou bu bou om oum umm abd abdel abdul de da dela la del van von der ait ould walad ولد ايت أيت بو بن بنت ابن ابو أبو بو ال آل عبد ام أم बिन नाथ',
);
/** Medicines stand after these words: they are kept although the vocabulary may not have them. */
export const MEDICINE_CUES = toWords(
  `take takes taking took taken tablet tablets tab syrup capsule cream ointment inhaler injection dose medicine medication drug vaccine drops
  antibiotic antibiotics prescribed dawai dawa goli tablet dawa2 ba5od bakhod akhod 7oboob
  دواء علاج حبوب حبة برشام حقن حقنة بخاخ كريم شراب مرهم قطرة مضاد آخذ اخذ اخد باخد بياخد بتاخد تناول يتناول أتناول اتناول جرعة ادتها اديتها تطعيم
  दवा दवाई गोली टैबलेट सिरप इंजेक्शन क्रीम इनहेलर`,
);
export const DOSE_UNIT =
  /^(?:mg|mcg|g|gm|ml|iu|units?|tabs?|tablets?|puffs?|drops?|مجم|ملغ|ملجم|مل|جرام|جم|حبة|حبوب|قرص|وحدة|بخة|मिग्रा|एमजी|मिलीग्राम|एमएल|यूनिट|गोली)$/iu;
/** Diseases with people's names: "Bell's palsy", "Down syndrome". */
export const DISEASE_WORDS = toWords(
  `disease syndrome palsy sign test thyroiditis lymphoma anaemia anemia ulcer contracture phenomenon score scale oesophagus esophagus cyst
  fracture tumor tumour virus procedure catheter manoeuvre maneuver exercise exercises reflex encephalitis measles fever flu belly vaccine shot hicks
  रोग सिंड्रोम बीमारी bimari`,
);
export const DISEASE_NAMES = toWords(
  `parkinson parkinsons alzheimer alzheimers crohn crohns hashimoto hashimotos behcet behcets hodgkin raynaud raynauds addison cushing sjogren sjogrens bartholin bartholins heimlich
  epstein gleason kawasaki tourette huntington marfan marfans meniere menieres barre guillain ebstein asperger aspergers achilles
  باركنسون باركينسون الزهايمر زهايمر كرون هاشيموتو بهجت هودجكين داون كوشينغ رينود पार्किंसन पार्किंसंस अल्जाइमर अल्ज़ाइमर हाशिमोटो क्रोहन`,
);
