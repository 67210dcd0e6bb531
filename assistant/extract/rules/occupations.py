"""Words that name what a person does for a living."""

from __future__ import annotations

OCCUPATION = (
    r"(?:(?:[\w-]*(?:engineer|developer|teacher|nurse|manager|designer|consultant|analyst|"
    r"scientist|specialist|director|administrator|coordinator|technician|therapist|researcher|"
    r"programmer|accountant|architect|photographer|journalist|lawyer|attorney|librarian|"
    r"paralegal|pharmacist|physician|doctor|dentist|surgeon|veterinarian|vet|psychologist|"
    r"psychiatrist|counsell?or|social worker|electrician|plumber|carpenter|mechanic|chef|baker|"
    r"barista|bartender|waiter|waitress|server|cashier|farmer|firefighter|paramedic|pilot|driver|"
    r"soldier|professor|lecturer|tutor|principal|translator|interpreter|editor|copywriter|"
    r"freelancer|realtor|recruiter|marketer|salesperson|secretary|receptionist|"
    r"receptionist|executive|(?i:ceo|cto|cfo|coo)|founder|co-founder|entrepreneur|contractor|"
    r"musician|composer|sculptor|illustrator|animator|novelist|economist|biologist|chemist|"
    r"physicist|mathematician|statistician|historian|geologist|auditor|banker|broker|"
    r"bookkeeper|tailor|hairdresser|barber|beautician|nanny|babysitter|midwife|optometrist|"
    r"physiotherapist|nutritionist|dietitian|trainer|officer|detective|judge|curator|gardener|"
    r"florist|landscaper|surveyor|welder|machinist|operator|supervisor|foreman|intern|"
    r"apprentice|postdoc|homemaker|retiree|agent|artist|writer|author|actor|actress|dancer|singer|"
    r"coach|clerk|carer|caregiver|butcher|stylist|planner|strategist|producer|filmmaker|athlete|"
    r"owner|landlord|landlady|priest|pastor|rabbi|imam|sailor|captain|guide|roofer|bricklayer|"
    r"joiner|plasterer|decorator|jeweller|potter|locksmith|courier|postman|ranger|beekeeper|brewer|"
    r"cleaner|housekeeper|janitor|caretaker|lifeguard|inspector|investigator|diplomat|politician|"
    r"councillor|mayor|actuary|trader|advis[oe]r|mediator|magistrate|optician|radiographer|"
    r"undertaker|civil servant|security guard|cook|tech)))"
)
"""A regular expression for one occupation's last word: `software engineer` ends in `engineer`."""

ROLE = (
    r"(?:(?!(?:bit|lot|fan|about|of|with|who|to|for|in|at|and|that|terrible|bad|good|great|slow|"
    r"fast|careful|nervous|huge|big|better|decent|excellent|amazing|wannabe|aspiring|future)\b)"
    r"[\w'/-]+ ){0,4}?" + OCCUPATION + r"\b"
)
"""An occupation with the words before it that belong to it: `senior marketing manager`."""
