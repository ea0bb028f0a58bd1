"""Words that tell a name from another word with a capital: first names, surnames, places and brands, common words."""

from __future__ import annotations

__all__ = ["COMMON", "FIRST_NAMES", "PLACES_AND_BRANDS", "SURNAMES", "UNMISTAKABLE"]

_UNMISTAKABLE = """
aaltje aart abdel ahmed aisha albert alejandro alexander alexandra ali alice alison amanda amber amira amy ana andrea
andrew andries angela anita anja anna anne anneke annelies annemarie annie anouk anthony antoon arie ashley astrid
ayse barbara bart bas beatrix benjamin bernard betty bianca bilal birgit boris bram brenda brian bridget britt carla
carlijn carlos carmen caroline catharina catherine cees charles charlotte chantal chris christiaan christina christine
christopher cindy claudia coen colin connie cor cornelis corrie cynthia daan daniel danielle david deborah denise
dennis derek desiree diana dick diederik dirk donald donna doris dorothy douglas ebru edward edwin eileen ekaterina
elena elisabeth elizabeth ellen elly els emily emine emma eric erik erika ernst esmee esther eva evelien evelyn ewa
fatima fatma femke fleur floor floris fiona frank frans fred frederik freek gary geert george gerard gerda gerrit gert
gijs giovanni gordon greg greta guus hamza hannah hans harm harold harry hassan heather helen helena helga hendrik
henk henny henriette herman hilde hugo ian ibrahim ilse ineke inge ingrid irene irina iris isabel isabella jaap jack
jacob jacqueline jacques james jamie jan jane janet janine janneke jason jasmijn jasper jeanette jeff jeffrey jelle
jennifer jenny jeremy jeroen jessica jet jim joanna johan johanna john johnny jolanda jonathan joop joost jorge jorrit
joris jos jose joseph josephine joshua joyce juan judith julia julian julie jurgen justin kaja karel karen karim karin
kasper katarzyna kate katharina kathleen katie kees keith kelly kenneth kevin khadija khalid kim klaas koen krista
kristin larissa larry laura lauren laurens leah lena leo leon leonie lianne lies liesbeth lieke linda lisa lisette
loes lotte louis louise luc lucas lucy luuk maaike maarten magda maja malik manon marc marcel margaret margot margreet
maria marianne marieke marije marijke marina mario marion marit marja marjan marjolein marlies marloes martha martijn
martin martine mary maryam mateusz matthew matthijs maurice mehmet melanie melissa merel michael michel michelle
michiel mieke miguel mike milan milou miranda miriam mirjam mohamed mohammed monica monique mustafa myrthe nadia nancy
naomi natalia natalie natasha nathalie niamh nick nicolas nicole niels nienke nina noor nora norman olga oliver olivia
omar orla oscar osman pamela patricia patrick paul paula paulien pauline pedro peggy peter petra philip piet pieter
piotr priya quinten rachel rachid ralph ramon raymond rebecca reinier rene renske richard rianne rick rien rik rita
robert roberto robin roel roelof roger roland ronald rosalie rosanne ruben rudolf rutger ruth ryan sabine samantha
samir samuel sander sandra sanne sara sarah saskia scott sean sebastian selma serge sharon shirley siobhan simon
simone sjoerd sofia sophie stefan stella stephanie stephen steven stijn stuart susan susanne suzanne sven sylvia
tamara tanja tatiana teun thea theo theodoor thijs thomas thomasz tiffany tijmen tim timothy tineke tobias tom tomasz
tony tracy trevor trudy truus ursula valentina vanessa vera veronica vicky victor vincent vivian wanda wendy wesley
wilhelmina willem willemijn william wilma wim wout wouter xander yasmin yasmina youssef yusuf yvette yvonne zeynep zoe
"""

_FIRST_NAMES = """
april art bea ben bernd bert bill bob carol ceciel dean dee dot drew eve faith femme finn gay gene grace grant guy
heaven hope ivy jade jay jean job jo joke joy june kit lance lee lex lily luna lynn mark max may mia mo nel olive pam
pat pearl penny pip ray reed rob rod ron rose roos ruby sam sky sjaak stan sue summer ted tess tina tip ton toon val
viola violet wade will yara
"""

_SURNAMES = """
aalbers adams ahmed akkerman anderson baker bakker beekman bennett boer bos bosch bosman brouwer brown bouwman
campbell carter clarke cohen davies dekker dijkstra dijk driessen edwards evans garcia gonzalez graaf groot haan hall
harris hassan heijden hendriks hermans hoekstra hofman huisman hughes jackson jansen janssen jacobs johnson jones jong
jonker kaya khan kok kelly kim koning koster kowalski kramer kuiper kumar lee leeuwen lewis linden maas martens
martinez meijer mitchell mohamed molenaar moore morgan mulder murphy nguyen nowak oconnor ozturk parker patel peeters
peters pietersen postma prins robinson rodriguez rossi ruiter schmidt scholten schouten shah singh smit smith smits
taylor thompson turner veenstra verbeek verhoeven vermeer vermeulen visser vos vries walker wallace white wiersma
willems willemsen williams wilson wit wood wouters wright yilmaz
"""

_PLACES_AND_BRANDS = """
Alkmaar Almere Amersfoort Amsterdam Apeldoorn Arnhem Assen Breda Delft Deventer Dordrecht Drenthe Eindhoven Enschede
Flevoland Friesland Gelderland Groningen Haarlem Hilversum Leeuwarden Leiden Limburg Maastricht Nijmegen Overijssel
Rotterdam Schiphol Tilburg Utrecht Zeeland Zwolle Haag Randstad Veluwe Brabant Holland België Belgium Antwerpen
Brussel Duitsland Germany France Frankrijk Spanje Spain Italy Italië England Engeland Scotland Ireland Wales Britain
London Londen Dublin Edinburgh Manchester Paris Parijs Berlin Berlijn Turkey Turkije Turks Marokko Morocco Poland
Polen Poolse Europe European America American British Irish Scottish German French Spanish Italian Chinese Indian
Philips Invisalign Oral-B Oral Colgate Sensodyne Siemens Samsung Apple Microsoft Windows Excel Teams Zoom Facebook
Instagram Twitter Youtube YouTube Tripadvisor Trustpilot Netflix Bluetooth Wifi Wi-Fi Android iPhone iPad Skype
Paracetamol Ibuprofen Ventolin Botox Pfizer Moderna Teams Infomedics Famed Zilveren Kruis Menzis CZ VGZ Achmea
Independer Zorgdomein MijnGezondheid Thuisarts Funda Tesco Boots Nando Starbucks Costa Uber Medicare Medicaid
"""

_COMMON = """
a about above absolutely accident admission advice after again all also always am amazing an and another answer any
appointment appointments are area around as ask at attention aware away awful back bad bathroom be because bed been
before being best better big bit blood both breakfast bring building but by call came can care caring centre certainly
check children clean clear clinic cold come communication completely consultant could day days dear dental dentist
department did different dinner discharge do doctor doctors does done door down due each early eat emergency english
enough even ever every everybody everyone everything excellent experience extremely family fantastic feel felt few
first fine floor food for found friendly from front full general get getting give go god going good got great had hand
happy has have having he health hello help helpful her here high him his home hospital hospitals hour hours house how
however hygiene i if immediately improve in information intensive is it its job just keep kind know lab ladies lady
last late left less let life like little long look lot love lovely made make management many maybe me medical
medication medicine men might minute minutes month more morning most mother much must my nature need needs never new
next nice night no nobody none not nothing now nurse nurses nursing of off office ok okay old on once one only open
operation or other our out outpatient outstanding over own pain parking patient patients people person pharmacy phone
physician physio place plan please pleased poor practice private problem professional professor quality questions
quick quiet quite radiology really reception receptionist receptionists recommend record recovery respect rest results
right room rooms routine rude safe said same satisfied saturday scan school second see seen senior service services
she should shower since sister small so social some someone sometimes somewhere sorry specialist staff standard still
student students such super surgeon surgeons surgery surgical system take team telephone tell terrible test than thank
thankful thanks that the their them then there they thing things this those though through time to today together
toilet toilets told too top tooth total totally toward treated treatment try tv two unit until up upon us use useful
useless very visit visitor visitors wait waiting wall want ward wards was water way we website week well went were
what when where which while who whole why wife will with within without woman women wonderful work worker workers
would wound year years yes you young your aanbevolen aandacht aangenaam aardig afdeling afspraak al alle alleen alles
altijd anders apotheek arts assistente assistentes auto avond balie bedankt beste beter bezoek bijna bloed brief
broeder bureau centrum complimenten controle daar daarna dag dank dankbaar dankjewel dat de deze dienst dit
doktersassistente dus echt een eerst eigenlijk eindelijk elke en enige er erg extra fijn fijne foto foto's gaat gebit
gelukkig geweldig gewoon goed goede gr groet groeten groetjes haar hartelijk heel heeft helaas helder help her het hij
hoe hulp huisarts iedereen in informatie inloop is ja jammer jong jullie kaakchirurg kamer kan keurig kies
klantvriendelijk kliniek kosten kundig kunt lang later lieve lift maar maak mail medewerker medewerkers medewerkster
mensen met misschien moet mondhygiënist mondhygiëniste mooi na naar nacht natuurlijk nee niet niets nog nooit nu of om
onderzoek onvriendelijk ook open operatie orthodontist ouders over parkeren patiënt patiënten personeel pijn pijnlijk
plus polikliniek praktijk precies prettig prima professioneel punt receptie rekening röntgen ruim samen slecht sms
snel sommige soms spoed spoedeisende super tand tanden tandarts tandartsen te team telefoon telefonisch teveel
tevreden tip tot trots tweede u uitleg uitstekend uur vaak van veel verder verpleegkundige verpleging verzekering vind
voor vooral vriendelijk vroeger waarom wachten wachtkamer wachttijd wachttijden wanneer was wat we week weekend wel
welkom weer wie wij zaal zeer ziekenhuis zo zorg zorgverlener zorgverzekeraar zuster zusters
"""

UNMISTAKABLE = frozenset(_UNMISTAKABLE.split())
"""First names that are no other word, in Dutch or English: masked with and without a capital."""

FIRST_NAMES = UNMISTAKABLE | frozenset(_FIRST_NAMES.split())
"""And those that are: masked with a capital only."""

SURNAMES = frozenset(_SURNAMES.split())
"""Surnames; masked with a capital, also at the start of a sentence."""

PLACES_AND_BRANDS = frozenset(_PLACES_AND_BRANDS.split())
"""Places and brands, which point at nobody."""

COMMON = frozenset(_COMMON.split())
"""Common words, which some write with a capital inside a sentence."""
