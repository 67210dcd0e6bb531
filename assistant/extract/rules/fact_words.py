"""Words that fill a person's closed slots, as regular expressions: for `facts`."""

from __future__ import annotations

import re

LANGUAGE = (
    r"(?:English|Spanish|French|German|Italian|Portuguese|Mandarin|Cantonese|Chinese|Japanese|"
    r"Korean|Arabic|Hindi|Urdu|Bengali|Punjabi|Tamil|Turkish|Russian|Ukrainian|Polish|Czech|Dutch|"
    r"Swedish|Norwegian|Danish|Finnish|Greek|Hebrew|Persian|Farsi|Vietnamese|Thai|Indonesian|"
    r"Malay|Swahili|Welsh|Irish|Catalan|Romanian|Hungarian|Tagalog|ASL|sign language)"
)
CONDITION = (
    r"(?:(?:type [12] |seasonal |chronic |severe |mild |food |nut |peanut |dust |pollen |gluten |"
    r"dairy |lactose |generalized |clinical |high |low )*(?:asthma|diabetes|allerg(?:y|ies)|eczema|"
    r"psoriasis|migraines?|anxiety disorder|depression|adhd|add|ptsd|ocd|arthritis|hypertension|"
    r"blood pressure|cholesterol|ibs|celiac(?: disease)?|coeliac(?: disease)?|crohn's(?: disease)?|"
    r"hypothyroidism|endometriosis|pcos|epilepsy|insomnia|sleep apn(?:o)?ea|dyslexia|autism|"
    r"intolerance|fibromyalgia|sciatica|tinnitus|anaemia|anemia|cancer|lupus|gout|back pain|"
    r"acid reflux|gerd|heart condition|vertigo|sinusitis|dandruff|rosacea|knee pain))"
)
MEDICINE = (
    r"(?:medication|antidepressants?|insulin|statins?|blood thinners?|birth control|antibiotics|"
    r"antihistamines?|beta[- ]blockers?|painkillers|ibuprofen|aspirin|vitamins?|supplements?|"
    r"pills?|tablets|\d+ ?mg|\w+(?:pril|statin|formin|oxetine|prazole|sartan|olol|cillin|"
    r"thyroxine))"
)
DIET = r"(?:vegan|vegetarian|pescatarian|flexitarian)"
RESTRICTION = r"(?:gluten[- ]free|dairy[- ]free|keto|halal|kosher|teetotal|plant-based|paleo)"
FOOD = (
    r"(?:meat|pork|beef|fish|seafood|shellfish|dairy|gluten|eggs?|nuts|peanuts|sugar|wheat|"
    r"red meat|chicken|cheese|milk|bread|mushrooms|cilantro|onions?|garlic|soy|spicy food|lamb)"
)
DRINK = r"(?:alcohol|coffee|milk|caffeine|soda|wine|beer|tea)"
TENS = (
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five|six|"
    r"seven|eight|nine))?"
)
HABIT = (
    r"(?:take|book|order|buy|choose|prefer|wear|sit|drink|eat|carry|travel|fly|stay|bring|pay|"
    r"avoid|sleep|cook|drive|shop|ask for|go for|get an? (?:window|aisle)|request|reserve|walk|"
    r"cycle|bike|listen to|read)"
)
DEGREE = (
    r"(?:(?:bachelor|master|associate)(?:'?s)?(?: degree)?|ph\.?d|doctorate|mba|bsc|msc|ba|ma|"
    r"b\.a\.|m\.a\.|b\.s\.|m\.s\.|(?:\w+ )?degree|law degree|diploma|certificate)"
)
THING = (
    r"(?:car|camera|bike|bicycle|guitar|piano|keyboard|laptop|phone|tablet|watch|motorcycle|"
    r"truck|van|boat|drone|telescope|violin|printer|console|e-reader|headphones|tent|grill|smoker|"
    r"sewing machine|treadmill|tv|smart ?watch|fitness tracker|vacuum|blender|stand mixer|kayak)"
)
DURATION = (
    r"for (?:about |around |over |almost |nearly |more than |the past |the last |at least )*"
    r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|eighteen|twenty|thirty|forty|several|a few|a couple of|many) (?:and a half )?"
    r"(?:years?|months?|decades?)"
)
INSTRUMENT = (
    r"(?:guitar|piano|violin|viola|drums|cello|double bass|flute|ukulele|bass|saxophone|oboe|"
    r"clarinet|bassoon|trumpet|trombone|tuba|french horn|harp|banjo|organ|accordion|harmonica|"
    r"mandolin|recorder|keyboard|bagpipes|fiddle)"
)
GENRE = (
    r"(?:movies|films|books|novels|music|board games|video games|comics|poetry|podcasts|"
    r"documentaries|cuisine|food)"
)
AID = (
    r"(?:pacemaker|hearing aids?|insulin pump|stent|artificial (?:hip|knee|heart valve)|prosthetic "
    r"\w+|stoma|service dog|guide dog|heart murmur|slipped disc)"
)
VICE = (
    r"(?:alcohol|drinking|smoking|cigarettes|vaping|meat|eating meat|sugar|dairy|gluten|caffeine|"
    r"coffee|gambling|fish|bread)"
)
WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
DATED = frozenset(
    {
        "home",
        "work",
        "past work",
        "education",
        "age",
        "birthday",
        "health",
        "status",
        "diet",
        "origin",
        "past home",
        "language",
        "switch",
        "reaction",
    }
)
"""What may come with a date; elsewhere "today" says that it was for once."""
SHOP_CARD = re.compile(
    r"\b(?:[Rr]ewards?|[Pp]oints|Perks|[Ll]oyalty|Bonus|Club ?[Cc]ard|[Cc]oupons?|[Rr]ebates?|"
    r"[Cc]ash ?back)\b"
)
COMMON_USE = re.compile(
    r"\b(?:to|for) (?:\w+ )?(?:my|the|our|all|most) (?:(?:daily|other) )?(?:projects?|tasks?|"
    r"work|stuff|needs|purposes)$|\b(?:to|for) (?:help )?(?:me )?(?:keep (?:track|up with)|"
    r"manag\w+|track\w*|organi[sz]\w+|listen\w*|read\w*|watch\w*|brows\w+|find\w*|search\w*|"
    r"check\w*|plan\w*|creat\w+|edit\w*|buy\w*|order\w*|shop\w*|save|share|stor\w+|"
    r"\w+ management|navigat\w+|(?:my )?schedul\w+)\b"
)
"""What everybody uses a tool for, which says nothing about the person."""
VAGUE = re.compile(
    r"\b(?:it|this|that|these|those|them|there|here|him|her|the same|such|something|someone|"
    r"one|ones|some of|stuff|things?|etc)$",
    re.I,
)
