"""Words that keep capitals in running text, and common words that are never a name."""


def one_of(listed: str) -> frozenset[str]:
    """The words of `listed`, which are set apart by white space."""
    return frozenset(listed.split())


DAYS_AND_MONTHS = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February April June July"
    " August September October November December"
)

# States of the US and their largest cities, without the ones that are everyday words too.
PLACES = """
Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii
Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan
Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York
North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina
South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming
Puerto Rico|Guam|District of Columbia|United States|North America|South America|Latin America
Albuquerque|Anaheim|Arlington|Atlanta|Aurora|Austin|Bakersfield|Baltimore|Berkeley|Boise|Boston
Brooklyn|Burbank|Charlotte|Chicago|Chula Vista|Cincinnati|Cleveland|Colorado Springs|Columbus
Compton|Contra Costa|Dallas|Denver|Detroit|El Paso|Fort Worth|Fresno|Glendale|Honolulu|Houston
Humboldt|Indianapolis|Inglewood|Jacksonville|Kansas City|Kern County|Knoxville|Las Vegas|Long Beach
Los Angeles|Louisville|Manhattan|Marin|Memphis|Merced|Miami|Milwaukee|Minneapolis|Modesto|Monterey
Napa|Nashville|New Orleans|Newark|Oakland|Oklahoma City|Omaha|Orange County|Orlando|Pasadena
Philadelphia|Phoenix|Pittsburgh|Portland|Raleigh|Riverside|Sacramento|Salinas|Salt Lake City
San Antonio|San Bernardino|San Diego|San Fernando|San Francisco|San Joaquin|San Jose|San Luis Obispo
San Mateo|Santa Ana|Santa Barbara|Santa Clara|Santa Cruz|Santa Monica|Santa Rosa|Seattle|Sonoma
Stockton|Tampa|Toledo|Tucson|Tulsa|Ventura|Bay Area|Central Valley|Central Coast|Silicon Valley
Inland Empire|Sierra Nevada|Lake Tahoe|Hollywood|Wall Street|White House|Supreme Court
Africa|America|Asia|Australia|Canada|China|Cuba|England|Europe|France|Germany|India|Iran|Iraq
Ireland|Israel|Italy|Japan|Korea|Mexico|Philippines|Russia|Spain|Syria|Taiwan|Ukraine|Vietnam
Afghanistan|Brazil|Haiti|Pakistan|Palestine|Guatemala|Honduras|El Salvador|Costa Rica|Pacific
Atlantic|Caribbean
""".strip().replace("\n", "|")

PEOPLES = (
    "African Afghan American Americans Armenian Armenians Arab Arabic Asian Asians Assyrian"
    " Australian Brazilian British Californian Californians Cambodian Canadian Cantonese Caucasian"
    " Chicano Chinese Cuban Dutch English European Filipino French German Greek Guatemalan Haitian"
    " Hawaiian Hebrew Hindi Hispanic Hispanics Hmong Indian Indians Iranian Iraqi Irish Israeli"
    " Italian Japanese Jew Jewish Jews Korean Latin Latina Latinas Latino Latinos Latinx Mandarin"
    " Mexican Mexicans Muslim Muslims Nigerian Norwegian Palestinian Portuguese Punjabi Russian"
    " Salvadoran Samoan Spanish Swedish Syrian Tagalog Texan Ukrainian Vietnamese Yiddish"
    " Christian Christians Catholic Catholics Buddhist Hindu Sikh Sikhs Democrat Democrats"
    " Republican Republicans Christmas Thanksgiving Easter Halloween Ramadan Hanukkah Medicare"
    " Medicaid Google Facebook Twitter YouTube Zoom Uber Lyft"
)

FIRST_NAMES = (
    "Aaron Adam Adrian Alan Alejandro Alex Alexander Alice Alicia Amanda Amy Ana Andrea Andrew"
    " Angela Ann Anna Anne Anthony Antonio Arthur Ashley Barbara Benjamin Beth Betty Beverly Bob"
    " Bobby Brandon Brenda Brian Bruce Bryan Cameron Carl Carla Carlos Carmen Carol Carolyn"
    " Catherine Cecilia Charles Cheryl Chris Christina Christine Christopher Cindy Connie"
    " Cristina Cynthia Daniel Danielle David Deborah Debra Denise Dennis Diana Diane Donald Donna"
    " Dorothy Douglas Edward Edwin Eduardo Eleanor Elena Elizabeth Ellen Emily Emma Eric Erica"
    " Evan Evelyn Fernando Fiona Francis Francisco Frederick Gabriel Gail Gary George Gerald"
    " Gloria Gonzalez Gregory Hannah Harold Heather Hector Helen Henry Howard Ian Isaac Isabel"
    " Jacob Jacqueline James Jamie Janet Janice Jared Jason Javier Jeff Jeffrey Jennifer Jeremy"
    " Jerry Jesse Jessica Jesus Jim Jimmy Joan Joanne Joe Joel John Johnny Jonathan Jordan Jorge"
    " Jose Joseph Joshua Joyce Juan Judith Judy Julia Julian Julie Justin Karen Katherine"
    " Kathleen Kathryn Kathy Katie Keith Kelly Kenneth Kevin Kimberly Kristen Kyle Larry Laura"
    " Lauren Lawrence Leonard Leslie Linda Lisa Lori Louis Lucy Luis Lynn Manuel Marco Marcus"
    " Margaret Maria Marie Marilyn Mario Martha Martin Mary Matthew Megan Melissa Michael"
    " Michelle Miguel Mike Monica Nancy Natalie Nathan Nicholas Nicole Norman Olivia Oscar Pablo"
    " Pamela Patricia Patrick Paul Paula Pedro Peter Philip Phillip Rachel Ralph Ramon Raymond"
    " Rebecca Ricardo Richard Robert Roberta Roberto Roger Ronald Rosa Russell Ruth Ryan Samantha"
    " Samuel Sandra Sara Sarah Scott Sean Sergio Sharon Sheila Shirley Stanley Stephanie Stephen"
    " Steve Steven Susan Sylvia Tammy Teresa Terry Theresa Thomas Tim Timothy Todd Tom Tony Tracy"
    " Tyler Valerie Vanessa Veronica Victor Victoria Vincent Virginia Walter Wayne Wendy William"
    " Zachary"
)

# Short forms with vowels. Those without are known by having none (DMV, PTSD).
ABBREVIATIONS = (
    "AB ACA ACLU ACR ADA ADU ADUS AFSCME AI AJR API BART BIPOC CA CAISO CAL-FIRE CALPERS CALSTRS"
    " CARB CDCR CEO CEOS CEQA CFO CIA COO COVID CPUC CSAC CSEA CSU CTA CTO DA DACA DEA"
    " DEI DNA DOE DOF DOJ DOT DUI EBT EDD EIR EIS EMS EMT EPA ESL EU EV EVS FAA FAFSA FBI FDA FEMA"
    " FERPA GAAP GDP GED GIS GOP HIPAA HIV HOA HUD IBEW ICU ID IEP IOU IOUS IPO IRS ISO"
    " JPA LAO LAPD LAUSD LEA LEAS LGBT LGBTQ LGBTQ+ MOU MOUS MRI NAACP NASA NATO NEPA NGO NGOS NIH"
    " NIMBY NOAA NRA OES OPEB OPR OSHA PE PERS PG&E PPE PTA RFP RFPS SARS SCA SCAQMD SEIU SEO"
    " SJR SRO SSI STEM TANF TIF TNC TSA TV UAW UC UCLA UCSD UCSF UFCW UFO UK UN US-MEXICO USA"
    " USC USDA USPS UV VA VFW VMT YIMBY YMCA YWCA ZEV ZEVS"
)

SPECIAL = "Medi-Cal CalWORKs CalFresh CalFire CalPERS CalSTRS Cal PhD McDonald GoFundMe iPhone iPad"

# Without vowels, and yet words.
VOWELLESS_WORDS = one_of(
    "brr ft hm hmm hmmm hrs kg km lb lbs mm mph nd nth pfft psst pst rd sh shh th tsk vs yds"
    " cm ml pts"
)

# Before a name; the word after one of these is a name unless it is a common word.
TITLES = one_of(
    "mr mrs ms mx dr mister missus senator assemblymember assemblyman assemblywoman councilmember"
    " councilman councilwoman congressman congresswoman"
)
# Also used alone ("the governor signed"), so a name is expected after them with more care.
OFFICES = one_of(
    "attorney captain chair chairman chairperson chairwoman chief commissioner congressmember"
    " councillor councilor doctor governor judge justice lieutenant mayor officer president"
    " professor representative reverend secretary sergeant sheriff speaker superintendent"
    " supervisor treasurer trustee"
)
# "Mister Chair", "Madam President": address, and not a name.
ADDRESSES = one_of("mr mister madam madame mrs ms")
BEFORE_OFFICES = one_of(
    "a an the our your my his her their its this that each every any some no another former vice"
    " of which whose what first second new co deputy assistant"
)

# Words of ordinary speech and of meetings that follow titles and are no names.
COMMON = one_of("""
a able about above absent accept account across act action actually ad add additional address
adjourn after again against agencies agency agenda agree ahead airport all allow almost alone
along already also although always am amend amended amendment amendments among amount an and
and/or announce annual another answer any anybody anyone anything appeal appear applause apply
appointed appreciate approval approve approved are area argue argument around arrive arrived as
ask asked asking asks association at at-large attempt attend attention author authored authority
authors available away aye ayes back bad ban bank banking based be became because become been
before began begin behalf behind being believe believes below benefit best better between beyond
big bill bills board body borough both bridge bring brings brought budget build building bus
business but buy by call called calling calls came can can't cannot capital capitol care carry
case cases cast caucus cause center certain chair chairman chairs chamber change changes child
children city clarify clear clearly clerk close closed closing colleague colleagues college come
comes coming comment comments commerce commission committee committees community company complete
concern concerned concerns conclude concur conference consent consider consultant continue control
could couldn't council county couple course court cover create current cut date day days deal
debate decide decision department deputy designee did didn't different direct director discuss
discussion district do does doesn't doing don't done door down downtown due during each earlier
early east easy economic education effect eight eighteen eighty either elect eleven else emergency
emeritus end ended energy enforcement engineer enough ensure entire environment especially even
evening ever every everybody everyone everything example except excited excuse excused executive
explain explained expressed face fact fair far federal feel feels few field fifteen fifty file
final finally finance find fine finish fire first fiscal five floor follow followed following for
force forest former forty forward found four fourteen free friend friends from front full fully
fund further garden gave general gentleman get gets getting give given gives giving glad go goes
going gone gonna good got gotta govern government governor grant great green group guess had half
hall hand happen happy hard has hasn't have haven't having he he's health hear heard hearing
hearings held hello help her here here's hereby herself hey hi high highway hill him himself his
history hoc hold home honor hope hospital hotel hour hours house housing how however hundred i i'd
i'll i'm i've idea if important in include included including indicated information infrastructure
instead insurance interest into introduce introduced is isn't issue issues it it's item items its
itself job join joined joins joint jump just justice keep key kids kind knew know known knows
labor lake land large last late later law laws lead leader least leave left legislation
legislative legislature less let let's letter level library life like likely line listed listen
little live local long look looking looks lost lot love low ma'am made mail main majority make
makes making man manager many market matter may maybe me mean means meant measure measures meet
meeting meetings member members men mentioned might million mind minute minutes miss money month
months more morning most motion motioned move moved moves much museum must my myself name national
natural near necessary need needed needs neighborhood neither never new next nice nine nineteen
ninety no nobody none nor north not note noted nothing notice now number numbers objection of off
offer office officer often oh okay old on once one ones only open opening opposed opposes
opposition option or order ordinance other others our ourselves out over own page parish park
parking parks part participate party pass passed past pay people percent perhaps period permit
person place plan planning plans please point points police policy port position possible power
present presented presents president presiding pretty previous pro probably problem proceed
process program project property proposal propose proposed proposition provide provided public
pull purpose put question questions quick quickly quite quorum railroad raise raised ran rather
read reading ready real really reason receive recognize recognized recommend record recreation
refer regarding region regional regular remarks remember remind report request requested require
required resolution resources respect respond response rest result return right rise rises river
road roll room rule rules run safety said same sanitation saw say saying says school science seat
second seconded seconds secretary section security see seeing seek seem seems seen select self
send sense sent sergeant sergeants serve service services session set seven seventeen seventy
several sewer shall share she she's short should show side sign signed simply since single sir sit
six sixteen sixty small so some somebody someone something soon sorry sort sound south speak
speaker speaking speaks special specific square staff stand standing stands start started state
stated statement states station still stop story street strong student students study sub
subcommittee substance such suggest supply support supported supports sure system table take taken
takes taking talk talked talking tax tell tem ten terms testify testimony than thank thanks that
that's the their them themselves then there there's therefore these they they'll they're they've
thing things think thinks third thirteen thirty this those though thought thousand three through
time times to today together told tomorrow too took top topic total toward town township transit
transport transportation treasury tried true trust try trying turn twelve twenty two type under
understand unfortunately union university unless until up upon urge us use used uses using
utilities utility value very via vice view village vote voted votes voting wait waiting walk want
wanted wants was wasn't wastewater watch water way we we'd we'll we're we've week weeks welcome
well went were weren't west what what's whatever when where whether which while who who's whole
whom whose why will wish wishes with withdraw within without witness witnesses woman women won't
word words work worked working works world would wouldn't write wrote yay yea yeah year years yes
yesterday yet yield you you'd you'll you're you've young your yours zero zone zoning
""")
