"""Which verbs and occasions make an event: words for `events`, as regular expressions."""

from __future__ import annotations

import re

WHO = (
    r"(?:I|[Ww]e|[Mm]y (?:\w+ ){1,2}(?:[A-Z]\w+ )?and I)(?:'ve| have| had)?"
    r"(?: (?:just|also|recently|actually|finally|even|already|officially|successfully|got to))*"
)
LIFE = (
    r"(?:graduated|moved (?:to|into|out|in with|from|back)|got (?:married|engaged|divorced|"
    r"promoted|hired|fired|laid off|diagnosed|accepted|my [\w' -]*(?:licen[cs]e|degree|certifi\w+|"
    r"visa|passport|citizenship|diploma|permit|PhD|doctorate|bachelor'?s|master'?s|MBA|results?))|"
    r"married|proposed|retired|adopted|quit (?:my|"
    r"smoking)|resigned|handed in my notice|(?:was|got) made redundant|closed the (?:[\w-]+ "
    r")*(?:deal|sale)|"
    r"lost my (?=mum|mom|dad|mother|father|grand|wife|husband|brother|sister|son|daughter)|"
    r"started (?:my|a) (?:new )?(?:job|role|position|business|company|internship|"
    r"degree|course|diet|blog|podcast)|changed (?:jobs|careers|schools)|caught (?:Covid|the flu|"
    r"pneumonia|malaria|shingles)|was in "
    r"(?:hospital|the hospital|intensive care)|(?:started|began) (?:physio\w*|therapy|chemo\w*|"
    r"treatment|"
    r"counsel\w+|radiotherapy|university|college|school|work at|uni\b)|was (?:diagnosed|promoted|"
    r"hired|laid off|accepted|admitted|"
    r"hospitali[sz]ed|selected|awarded|offered)|gave birth|had (?:(?:my |an? |his |her "
    r")?(?:[\w-]+ ){0,2}(?:surgery|operation|transplant|implants?|root canal|biopsy|mri|scan|"
    r"colonoscopy)\b|my (?:[\w-]+ ){1,3}(?:removed|taken out|out)\b|an? (?:[\w-]+ ){0,2}(?:heart "
    r"attack|stroke|embolism|seizure|concussion|miscarriage|burglary|break-in)\b|a baby|an? "
    r"[\w ]*(?:appointment|interview|surgery|accident|check-?up|procedure|miscarriage))|underwent|"
    r"broke (?:my|up)|won(?= (?:an?|another|the|my|our|first|second) (?:[\w'-]+ )*(?:award|prize|"
    r"competition|"
    r"contest|tournament|race|medal|scholarship|election|championship|grant|raffle|lottery|"
    r"trophy)\b)|earned|received (?:a|an|my|the) (?:[\w'-]+ )*(?:award|offer|scholarship|promotion|"
    r"diagnosis|degree|certificate|grant|prize|visa)|passed (?:my|the)|published|launched|founded|"
    r"enrolled (?:in|at)|signed (?:a|the|my) (?:[\w-]+ )*(?:lease|contract|deal)|closed on|bought "
    r"(?:a|an|my|our) (?:[\w-]+ )*(?:house|car|home|apartment|flat|condo|bike|motorcycle|boat|"
    r"truck)|sold (?:my|our)|sold(?= the (?:car|house|flat|boat|van|bike|company|business|"
    r"shop)\b)|injured (?:my|"
    r"myself)|sprained|submitted (?:my|a|an|the)|defended my|"
    r"completed(?=[^.]*\b(?:course|degree|program\w*|training|certificat\w+|marathon|triathlon|"
    r"duathlon|race|thesis|project|challenge|bootcamp|internship|apprenticeship)\b)|became)"
)
OUTING = (
    r"(?:attended|visited|been to(?= (?:the )?[A-Z])(?!.* (?:before|recently)\b)|"
    r"held (?:an?|my|our)|saw (?:an?|my|the) (?:[\w-]+ ){0,2}(?:doctor|"
    r"dentist|physician|specialist|cardiologist|dermatologist|surgeon|therapist)|(?:cycled|biked|"
    r"walked|rowed|sailed|rode) (?:from|to|along|across|the|\d+)|travel(?:l)?ed to|flew to|"
    r"flew from|drove to|went (?:to|on|hiking|"
    r"camping|skiing|sailing|snorkel\w+|scuba|kayaking|fishing|hunting|backpacking|surfing|"
    r"sightseeing)|got back from|came back from|returned from|was (?:at|in)(?= (?:the )?[A-Z])|"
    r"volunteered|participated in|took part in|competed|performed|presented|spoke at|gave a "
    r"(?:talk|presentation|speech|lecture)|hosted|organi[sz]ed (?:a|an|my)|celebrated|ran (?:a|the|"
    r"my)|finished(?= (?:a|the|my) (?:[\w-]+ )*(?:race|marathon|half|5k|10k|course|project|degree|"
    r"thesis|"
    r"walk|hike|trail|trek|novel|screenplay|script|manuscript|book|album|painting|quilt|training|"
    r"treatment|chemo\w*|apprenticeship|dissertation|internship)\b)|joined|hiked|toured|explored|"
    r"climbed|took (?:a|an|my|our) "
    r"(?:[\w'-]+ )*(?:trip|class|"
    r"course|workshop|tour|vacation|cruise|lesson|exam|test|train|flight|road trip)|took my(?= "
    r"(?:\w+ )?(?:sister|brother|mom|mum|dad|mother|father|wife|husband|son|daughter|niece|nephew|"
    r"kids|parents|family|fam|folks|grandkids|friend|dog|cat|grand\w+|partner|girlfriend|"
    r"boyfriend|cousin)\b)|saw(?= "
    r"[A-Z\"\u201c])|watched(?= [\"\u201c])|saw (?:[\w' -]+ )?(?:perform|live|in concert)|went "
    r"(?:back )?to|spent (?:a|the|two|three|\d+|my)|spent(?= (?:last|this))|finished (?:reading|"
    r"watching|building)(?= (?!it\b|up\b))|stayed (?:at|in)|camped|had "
    r"(?:dinner|lunch|"
    r"brunch|drinks|coffee|a (?:meeting|party|call|picnic|barbecue|bbq))|caught up with|met(?: "
    r"up)?(?: with)?(?= (?:[A-Z]|my (?!deadline|goals?)|an? ))|reconnected with|helped my)"
)
DEED = (
    r"(?:bought|purchased|picked up|got(?= (?:a|an|my|two|three) )|received|inherited|donated|"
    r"gave|started (?:learning|working|volunteering|training|playing|seeing|"
    r"taking(?! classes\b))|signed up for|registered for|installed|"
    r"lost my|switched (?:to|from)|raised \$?|took up|renewed|booked|"
    r"scheduled|canceled|cancelled|renovated|finished (?:reading|writing|building))"
)
LASTING = re.compile(
    r"\b(?:camera|car|bike|bicycle|guitar|piano|laptop|computer|phone|tablet|motorcycle|truck|van|"
    r"boat|"
    r"house|apartment|puppy|pup|kitten|dog|cat|ring|flight|ticket|tickets|hotel|surgery|"
    r"appointment|"
    r"membership|subscription|job|lessons?|passport|visa|licen[cs]e|novel|book|marathon|race|Tesla|"
    r"Toyota|Honda|Ford|BMW|Subaru|Mazda|Nissan|Audi|Volkswagen|Volvo|Hyundai|Kia|Jeep|television|"
    r"tv|sofa|couch|bookshelf|mattress|watch|coin|painting|violin|drone|console|couple|charity|"
    r"class|classes|course|best friend|sister|brother|mom|dad|mother|father|wife|husband|niece|"
    r"nephew|grandma|cousin)\b(?='s|$|[ ,.]*$|,| (?:from|for|at|in|on|with|to|and|of|that|as|by|"
    r"around|called|titled|named|a|an|model|[A-Z])\b)",
    re.I,
)
PAPERS = re.compile(
    r"(?!.*\b(?:back|resized|cleaned|repaired|fixed|polished|groomed|vaccinated|washed)\b)"
    r"(?:an?|my) (?:new )?(?:passport|visa|engagement ring|green card|driver's|puppy|kitten|dog|"
    r"cat|house|car|citizenship)\b"
)
MILESTONE = re.compile(
    r"\b(?:wedding|funeral|graduation|apprenticeship|dissertation|thesis|internship|baby shower|"
    r"bridal shower|surgery|marathon|triathlon|"
    r"duathlon|\d+k (?:run|race|walk)|reunion|honeymoon|birthday|anniversary|hospital|emergency "
    r"room|doctor|dentist|physician|cardiologist|dermatologist|surgeon|getting married|retreat|"
    r"conference|convention|tournament|competition|parade|council meeting|(?:charity|community) "
    r"\w+|"
    r"fundraiser|gala|race|volunteer\w*|shelter|"
    r"(?:trade|book|county|craft|job|"
    r"street|art) fair|a fair|support group|counsel\w+ (?:session|workshop)|court|skiing|"
    r"snowboarding|camping|sailing|scuba diving|skydiving|backpacking|rafting|embassy)\b",
    re.I,
)
"""Occasions that need no proper name to be worth dating."""
SOCIETY = re.compile(
    r"\b(?:club|team|group|forum|church|choir|orchestra|band|society|league|gym|programme?|"
    r"community|association|union|party|board|committee|squad|brigade|congregation|class|course)\b",
    re.I,
)
"""What one joins, so that the day is worth keeping."""
OCCASION = re.compile(
    MILESTONE.pattern
    + r"|\b(?:child|baby|twins|conference|retreat|concert|festival|fundraiser|gala|exam|interview|"
    r"race|tournament|competition|cruise|road trip|auction|orientation|ceremony|recital|pilgrimage|"
    r"safari|internship|audition|workshop|seminar|exhibition|tour|vacation|doctor|dentist|"
    r"convention|moving house|teeth out|operation|scan|check-?up|camp|bootcamp|webinar|lecture "
    r"series|masterclass|hike|expo|fair|parade|rally|"
    r"protest|premiere|play|musical|opera|ballet|championship|match|game)\b",
    re.I,
)
BACKGROUND = re.compile(
    r"\b(?:tips|ideas|advice|recipe ideas|recommendations?|suggestions?|research|article|video(?! "
    r"game)|"
    r"mall|shopping|supermarket|Walmart|Costco|IKEA|Trader Joe's|Whole Foods|Aldi|Tesco|Lidl|Best "
    r"Buy|Home Depot|\w+(?:Market|Mart)|nap|(?<!baby )(?<!bridal )(?<!wedding )shower|groceries|"
    r"great deals?|deals on|on sale|steal|"
    r"(?:trip|visit|walk|run|stroll) to the (?:local |nearby |neighbou?rhood )?(?:park|store|shop|"
    r"gym|bank|office)(?! (?:of|in) [A-Z])|social media challenge|"
    r"servers?|quer(?:y|ies)|source code|bugs?|scripts? in|database|(?:car|bike|phone|laptop) "
    r"(?:serviced|washed|detailed|cleaned|fixed|repaired)|quote|"
    r"coupons?|discount|good (?:sleep|night)|headache|laundry)\b",
    re.I,
)
