"""Which verbs and occasions make an event: words for `events`, as regular expressions."""

from __future__ import annotations

import re

WHO = (
    r"(?:I|[Mm]y (?:\w+ ){1,2}(?:[A-Z]\w+ )?and I)"
    r"(?:'ve| have| had)?(?: (?:just|also|recently|actually|finally|even|already|officially|"
    r"successfully|got to))*"
)
LIFE = (
    r"(?:graduated|moved (?:to|into|out|in with|from|back)|got (?:married|engaged|divorced|"
    r"promoted|"
    r"hired|fired|laid off|diagnosed|accepted|my [\w' -]*(?:licen[cs]e|degree|certifi\w+|visa|"
    r"passport|citizenship|diploma|permit))|married|proposed|retired|adopted|quit (?:my|smoking)|"
    r"resigned|started (?:my|a) (?:new )?(?:job|role|position|business|company|internship|degree|"
    r"course|diet|blog|podcast)|was (?:diagnosed|promoted|hired|laid off|accepted|admitted|"
    r"hospitali[sz]ed|selected|awarded|offered)|gave birth|had (?:surgery|an operation|a baby|an? "
    r"[\w ]*(?:appointment|interview|surgery|accident|check-?up|procedure|miscarriage))|underwent|"
    r"broke (?:my|up)|won(?= (?:an?|the|my|first|second) (?:[\w'-]+ )*(?:award|prize|competition|"
    r"contest|tournament|race|medal|"
    r"scholarship|election|championship|grant|raffle|lottery|trophy)\b)|earned|received (?:a|an|"
    r"my|the) (?:[\w'-]+ )*(?:award|offer|"
    r"scholarship|promotion|diagnosis|degree|certificate|grant|prize|visa)|passed (?:my|the)|"
    r"published|launched|founded|enrolled (?:in|at)|signed (?:a|the|my) (?:[\w-]+ )*(?:lease|"
    r"contract|deal)|closed on|bought (?:a|an|my|our) (?:[\w-]+ )*(?:house|car|home|apartment|flat|"
    r"condo|bike|motorcycle|boat|truck)|sold (?:my|our)|injured (?:my|myself)|sprained|"
    r"submitted (?:my|a|an|the)|defended my|completed(?=[^.]*\b(?:course|degree|program\w*|"
    r"training|certificat\w+|marathon|"
    r"triathlon|duathlon|race|thesis|project|challenge|bootcamp|internship|apprenticeship)\b)|"
    r"became)"
)
OUTING = (
    r"(?:attended|visited|travel(?:l)?ed to|flew to|flew from|drove to|went (?:to|on|hiking|"
    r"camping|"
    r"skiing|sailing|snorkel\w+|scuba|kayaking|fishing|hunting|backpacking|surfing|"
    r"sightseeing)|got back from|came back from|returned from|was (?:at|in)(?= (?:the )?[A-Z])|"
    r"volunteered|participated in|took part in|competed|performed|presented|spoke at|gave a "
    r"(?:talk|presentation|speech|lecture)|hosted|organi[sz]ed (?:a|an|my)|celebrated|ran (?:a|"
    r"the|my)|"
    r"finished (?:a|the|my) (?:[\w-]+ )*(?:race|marathon|half|5k|10k|course|project|degree|thesis)|"
    r"joined|hiked|toured|explored|climbed|took (?:a|an|my|our) (?:[\w'-]+ )*(?:trip|class|course|"
    r"workshop|tour|vacation|cruise|lesson|exam|test|train|flight|road trip)|took my(?= (?:\w+ "
    r")?(?:sister|brother|mom|mum|dad|mother|father|wife|husband|son|daughter|niece|nephew|"
    r"kids|parents|family|friend|dog|cat|grand\w+|partner|girlfriend|boyfriend|cousin)\b)|"
    r"saw(?= [A-Z\"\u201c])|watched(?= [\"\u201c])|saw (?:[\w' -]+ )?(?:perform|live|in concert)|"
    r"went (?:back )?to|spent (?:a|the|two|three|\d+|my)|stayed (?:at|in)|camped|"
    r"had (?:dinner|lunch|brunch|drinks|coffee|a (?:meeting|party|call|picnic|barbecue|bbq))|"
    r"caught up with|met(?: up)?(?: with)?(?= (?:[A-Z]|my (?!deadline|goals?)|an? ))|reconnected "
    r"with|"
    r"helped my)"
)
DEED = (
    r"(?:bought|purchased|got(?= (?:a|an|my|two|three) )|received|inherited|donated|gave|"
    r"started (?:learning|working|volunteering|training|playing|seeing|taking(?! classes\b))|"
    r"signed up for|"
    r"registered for|installed|lost my|switched (?:to|from)|raised \$?|took up|renewed|booked|"
    r"scheduled|canceled|cancelled|renovated|finished (?:reading|writing|building))"
)
LASTING = re.compile(
    r"\b(?:camera|car|bike|bicycle|guitar|piano|laptop|computer|phone|tablet|motorcycle|truck|"
    r"house|"
    r"apartment|puppy|kitten|dog|cat|ring|flight|ticket|tickets|hotel|surgery|appointment|"
    r"membership|subscription|job|lessons?|passport|visa|licen[cs]e|novel|book|marathon|race|"
    r"Tesla|Toyota|Honda|Ford|BMW|Subaru|Mazda|Nissan|Audi|Volkswagen|Volvo|Hyundai|Kia|Jeep|"
    r"television|tv|sofa|couch|bookshelf|mattress|watch|coin|painting|violin|drone|console|"
    r"couple|charity|class|classes|course|best friend|sister|brother|mom|dad|mother|father|wife|"
    r"husband|niece|nephew|grandma|cousin)\b"
    r"(?='s|$|[ ,.]*$|,| (?:from|for|at|in|on|with|to|and|of|that|as|by|around|called|titled|"
    r"named|a|an|model|[A-Z])\b)",
    re.I,
)
PAPERS = re.compile(
    r"(?:an?|my) (?:new )?(?:passport|visa|engagement ring|green card|driver's|puppy|kitten|dog|"
    r"cat|"
    r"house|car|citizenship)\b"
)
MILESTONE = re.compile(
    r"\b(?:wedding|funeral|graduation|baby shower|bridal shower|surgery|marathon|triathlon|"
    r"duathlon|"
    r"\d+k (?:run|race|walk)|reunion|honeymoon|birthday|anniversary|hospital|emergency room|"
    r"doctor|dentist|"
    r"getting married)\b",
    re.I,
)
"""Occasions that need no proper name to be worth dating."""
OCCASION = re.compile(
    MILESTONE.pattern + r"|\b(?:conference|retreat|concert|festival|fundraiser|gala|exam|"
    r"interview|race|tournament|competition|cruise|road trip|auction|"
    r"orientation|ceremony|recital|pilgrimage|safari|internship|audition|workshop|"
    r"seminar|exhibition|tour|vacation|doctor|dentist|convention|camp|"
    r"bootcamp|webinar|lecture series|masterclass|hike|expo|fair|parade|rally|protest|premiere|"
    r"play|musical|opera|ballet|championship|match|game)\b",
    re.I,
)
BACKGROUND = re.compile(
    r"\b(?:tips|ideas|advice|recipe ideas|recommendations?|suggestions?|research|article|video|"
    r"mall|shopping|supermarket|Walmart|Costco|IKEA|Trader Joe's|Whole Foods|Aldi|Tesco|Lidl|Best "
    r"Buy|"
    r"Home Depot|\w+(?:Market|Mart)|nap|shower|groceries|great deals?|deals on|on sale|steal|"
    r"quote|coupons?|discount|"
    r"good (?:sleep|night)|headache|laundry)\b",
    re.I,
)
