"""Words that tell a name from another word with a capital: first names, surnames, places and brands, common words."""

from __future__ import annotations

__all__ = ["CAPITALISED", "COMMON", "FIRST_NAMES", "NOT_A_NAME", "PLACES_AND_BRANDS", "SURNAMES", "UNMISTAKABLE"]

_UNMISTAKABLE = """
aaltje aart abdel ahmed aisha albert alejandro alexander alexandra ali alice alison amanda amber amira amy ana andrea
andrew andries angela anita anja anna anne anneke annelies annemarie annie anouk anthony antoon arie ashley astrid
ayse barbara bart bas beatrix benjamin bernard betty bianca bilal birgit boris bram brenda brian bridget britt carla
carlijn carlos carmen caroline catharina catherine cees charles charlotte chantal chris christiaan christina christine
christopher cindy claudia coen colin connie cor cornelis corrie cynthia daan daniel danielle david deborah denise
dennis derek desiree diana dick diederik dirk donald donna doris dorothy douglas ebru edward edwin eileen ekaterina
elena elisabeth elizabeth ellen elly els emily emine emma eric erik erika ernst esmee esther eva evelien evelyn ewa
fatima fatma femke fleur floris fiona frank frans fred frederik freek gary geert george gerard gerda gerrit gert
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
floor
bea ben bernd bert bill bob carol ceciel dean dee drew femme finn gay gene grace grant guy heaven ivy jade jay jean jo
joke joy kit lance lee lex lily luna lynn mark max mia mo nel pam pat ray reed rob rod ron roos rose ruby sam sjaak
stan sue ted tess tina tip ton toon viola wade will yara
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
Bupa Denplan Vitality Ohra DSW ONVZ FBTO Unive Ditzo Straumann Nobel Dentsply Elmex Aquafresh Listerine Waterpik TePe
Chrome Safari Firefox Edge Outlook Gmail Hotmail Telegram Signal Tikkie iDEAL PayPal Ryanair Leeds Bristol Liverpool
Birmingham Sheffield Newcastle Nottingham Leicester Glasgow Cardiff Belfast Oxford Cambridge Bradford Coventry Derby
Plymouth Reading York Bath Brighton Norwich Exeter Zaandam Zoetermeer Gouda Hoorn Venlo Roermond Emmen Ede Helmond
Middelburg Vlissingen Sittard Heerlen Gent Brugge Leuven Hasselt Independer Zorgdomein
MijnGezondheid Thuisarts Funda Tesco Boots Nando Starbucks Costa Uber Medicare Medicaid
"""

_COMMON = """
bedanken bedankje mondays tuesdays wednesdays thursdays fridays saturdays sundays ouder oudere verkeerd iemand dame
dames meisje jongen drukte ontvangst contact sfeer inrichting bejegening bereikbaarheid behandeling verwijzing locatie
staat stands stood zit zat sits wacht wachtte waits waited loopt walks walked vraagt asks looks looked belt belde
calls meldt meldde hoort hoorde hears leest las reads gets houdt hield holds legt legde puts pakt pakte takes comes
goes zegt says knows denkt thinks voelt voelde feels ziet zag sees opent opens sluit closes betaalt pays stelt
stelde
a aanbevolen aandacht aangenaam aardig about above absolutely accident admission advice afdeling afspraak after again
airco airconditioning al all alle alleen alles also altijd always am amazing an and anders anesthesist another answer
any apotheek appointment appointments april arabic arabisch are area arm around arts as ask assistente assistentes at
attention augustus auto autumn avond aware away awful back bad balie bathroom be because bed bedankt been before being
best beste beter better beugel bezoek big bijna bit blanket blankets bleken bloed blood both bowl boxing breakfast
brief bring broeder brother brug building bureau but by call came can cancer car cardioloog care caring centre centrum
certainly charge charges check children chirurg christmas clean clear clinic coffee cold come communication completely
complimenten consultant controle corridor could curtain curtains daar daarna dad daddy dag dank dankbaar dankjewel dat
daughter day days de dear december dementia dental dentist denture dentures department deze diabetes did dienst
different dinner dinsdag discharge dit do dochter doctor doctors does doktersassistente donderdag done door doors
dossier down due duits dus each ear early ears easter eat echt een eerst eigenlijk eindelijk elke emergency en engels
english enige enough entrance er erg eve even ever every everybody everyone everything excellent exit experience extra
extremely eye eyes family fantastic februari feel felt few fijn fijne fine first folder food foot for foto foto's
found fracture frans french friday friendly from front full gaat gebit gebitsreiniging gelukkig general generally
german get getting geweldig gewoon give go god goed goede gogh going good got gr grandad grandfather grandma
grandmother great groet groeten groetjes gum gums haar had hand happy hartelijk has have having he head health heart
heeft heel helaas helder hello help helpful her here herfst het high hij him hip his hoe home hospital hospitals hour
hours house how however huisarts hulp hung husband hygiene i iedereen iets if immediately improve in infection
informatie information inloop intensive internist is it italiaans italian its ja jammer januari job jong juli jullie
june juni just kaakchirurg kamer kan keep keurig kidney kies kind kinderarts klantvriendelijk kliniek knee know kosten
kroon kundig kunstgebit kunt lab ladies lady lang last late later left leg lente less let letter lieve life lift like
listen little long look lot love lovely lunch lung lungs maak maandag maar maart made mail make man management many
may maybe me meal meals medewerker medewerkers medewerkster medical medication medicine mei men mensen menu met might
minute minutes misschien moeder moet mom monday mondhygiënist mondhygiëniste month mooi more morning most mother mouth
much mum mummy must my na naar nacht nacontrole nature natuurlijk nazorg nee need needs neuroloog never new next nice
niet niets night no nobody nog none nooit nose not nothing november now nu nurse nurses nursing oekraïens of off
office ok okay oktober old om oma on once onderzoek one only ontslag ontslagbrief onvriendelijk ook opa open operatie
operation opname or orthodontist other ouders our out outpatient outstanding over overall own pain pan park parkeren
parking patient patients patiënt patiënten people person personeel pharmacy phone physician physio pijn pijnlijk
pillow pillows place plan please pleased plus polikliniek polish pools poor portaal practice praktijk precies prettig
prima privacy private problem professional professioneel professor prothese punt quality questions quick quiet quite
radio radiology really receptie reception receptionist receptionists recommend record recovery rekening respect rest
results right room rooms routine rude ruim russian russisch röntgen safe said same samen sandwich satisfied saturday
scan school second see seen senior september service services she sheet sheets should shower since sister skin slecht
small sms snel so social some someone sometimes somewhere sommige soms son sorry soup spaans spanish specialist spoed
spoedeisende spring staff stairs standard still stroke student students such summer sunday super supper surgeon
surgeons surgery surgical system take tand tandarts tandartsen tanden te tea team teeth telefonisch telefoon telephone
television tell terrible test teveel tevreden than thank thankful thanks that the their them then there they thing
things this those though through thursday time tip to toast today together toilet toilets told too tooth top tot total
totally toward tray treated treatment trots try tuesday turkish turks tv tweede two u uitleg uitstekend ukrainian unit
until up upon us use useful useless uur vaak vader van veel verder verdoving verpleegkundige verpleging very
verzekering vind visit visitor visitors voor vooral vriendelijk vrijdag vroeger vrouw vulling waarom wachten
wachtkamer wachttijd wachttijden wait waiting wall wanneer want ward wards was wat water way we website wednesday week
weekend weer wel welkom well went were what when where which while who whole why wie wife wij will window windows
winter with within without woensdag woman women wonderful work worker workers wortelkanaal would wound year years yes
you young your zaal zaterdag zeer ziekenhuis zo zomer zondag zoon zorg zorgverlener zorgverzekeraar zuster zusters
"""

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
geloof dacht denk vriendelijk vriendelijke rustig rustige deskundig duidelijk geweldig fantastisch top
"""

_IN_SENTENCES = """
U Uw Ik I I'm I've I'd Nederland Nederlands Nederlandse Engels Engelse Duits Duitse Europa Corona Covid Internet
Google DigiD WhatsApp Zorgkaart ZorgkaartNederland Monday Tuesday Wednesday Thursday Friday Saturday Sunday
January February March April May June July August September October November December Christmas Kerst Pasen
Pinksteren Dutch English Netherlands Mevrouw Meneer Mijnheer Dokter Tandarts Huisarts Arts Dhr Mw Mevr Dr Drs Mr
Mrs Ms Doctor Dentist
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

NOT_A_NAME = frozenset(_AFTER_TITLES.split())
"""Words in lower case that follow a title without being a name."""

CAPITALISED = frozenset(_IN_SENTENCES.split())
"""Words that have a capital inside a sentence without being a name."""
