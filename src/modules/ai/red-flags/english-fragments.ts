/** Parts of patterns that several English rules share. */
export const CANT =
  '(?:cant|cannot|can not|could not|couldnt|can barely|can hardly|unable to|not able to|isnt able to|wont|will not|doesnt|does not|not)';
export const SUDDEN = '(?:sudden|suddenly|all of a sudden|abrupt|abruptly|out of nowhere|ago|woke up|just now)';
export const LIMB = '(?:arms?|hands?|legs?|foot|feet|fingers|side|face|body|limbs?)';
export const MUCH =
  '(?:heavy|heavily|severe|severely|lots? of|a lot of|massive|profuse|profusely|so much|too much|pouring|gushing|spurting)';
export const BLOOD =
  '(?:bleed|bleeding|bleeds|bled|blood(?! test| pressure| sugar| group| work| report| count| donation))';
export const TAKEN = '(?:swallowed|swallow|swallowing|drank|drunk|drink|drinking|ate|eaten|ingested|took|taken|had)';
export const PILLS = '(?:pills?|tablets?|capsules?|paracetamol|panadol|sleeping|medicines?|meds|aspirin)';
export const YOUNG =
  '(?:newborn|new born|infant|babys?|(?:\\d|1\\d|one|two|three|four|five|six|seven|eight) ?(?:days?|weeks?|wks?) old|(?:1|2|3|one|two|three) months? old)';
export const PREGNANT = '(?:pregnan(?:t|cy)|trimester|weeks along)';
