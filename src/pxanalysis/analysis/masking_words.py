"""Words that masking goes by: titles, months, and what follows a title or has a capital without being a name."""

from __future__ import annotations

__all__ = ["CAPITALISED", "MONTHS", "NOT_A_NAME", "TITLES"]

MONTHS = (
    "jan(?:uari)?|febr?(?:uari)?|maart|mrt|apr(?:il)?|mei|juni?|juli?|aug(?:ustus)?|sept?(?:ember)?|o[kc]t(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?|january|february|march|may|june|july|august"
)
"""Regular expression of the names of months, Dutch and English, in full or short."""

TITLES = (
    "mevrouw|mevr|mw|meneer|mijnheer|menheer|dhr|heer|juffrouw|juf|zuster|zr|broeder|dr|drs|prof|ir|mr|mrs|ms|miss|"
    "doctor|dokter|docter|tandarts|tandartse|huisarts|oogarts|arts|specialist|chirurg|kaakchirurg|orthodontist|"
    "mondhygi[eë]niste?|"
    "preventie-?assistente?|tandarts-?assistente?|doktersassistente?|assistente?|"
    "balie-?medewerk(?:er|ster)|"
    "medewerk(?:er|ster)|verpleegkundige|optometrist|apotheker|apothekersassistente?|stagiaire?|collega|dentist|nurse|"
    "hygienist|receptionist|naam is|heet|genaamd"
)
"""Regular expression of what comes before somebody's name."""

_AFTER_TITLES = """
aan achter af al alle alleen allemaal als altijd ben beter bij bijna binnen boven buiten daar daarna dan dat de
deed den der deze die dit doe doet door dus een eens eerst eigenlijk elke en er erg even gaat gaf gewoon geeft
geen ging goed graag had hadden hebben heb heeft heel helaas hem hen het hier hij hoe hun ik in is ja je kan
keek kent kijkt kom komt kon konden kreeg krijgt kwam laat later leek lekker liep liet lijkt maar maak meer
meestal meteen mij mijn moet moest na naar nam neemt nee niet niemand niets nog nooit nu of om omdat onder ons
onze ook op over praktijk prima riep samen sneller snel sprak steeds stond soms te tegen toen tot trok tussen u
uit uw vaak van vanaf veel vergat verder verscheen viel vind volgens voor vond vooral vraag vroeg waar waren was
wat weer weet weg wel weinig werd werden werk wie wil wilde wist wou word worden ze zeer zei zelf zich zij zijn
zo zoals zocht zonder zou zouden zorgt zullen zult a about and are as at because been but by did does for from
gave got has have he her him his i if it its just me my never not no or our she so than that the their them then
there they this to too us very we well went were what when which who will with would you your aardig aardige
vriendelijk vriendelijke rustig rustige deskundig duidelijk geweldig fantastisch top
"""
_IN_SENTENCES = """
U Uw Ik I I'm I've I'd Nederland Nederlands Nederlandse Engels Engelse Duits Duitse Europa Corona Covid Internet
Google DigiD WhatsApp Zorgkaart ZorgkaartNederland Monday Tuesday Wednesday Thursday Friday Saturday Sunday
January February March April May June July August September October November December Christmas Kerst Pasen
Pinksteren Dutch English Netherlands Mevrouw Meneer Mijnheer Dokter Tandarts Huisarts Arts Dhr Mw Mevr Dr Drs Mr
Mrs Ms Doctor Dentist
"""

NOT_A_NAME = frozenset(_AFTER_TITLES.split())
"""Words in lower case that follow a title without being a name."""

CAPITALISED = frozenset(_IN_SENTENCES.split())
"""Words that have a capital inside a sentence without being a name."""
