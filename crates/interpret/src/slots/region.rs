//! Recognises places: regions, countries and cities, in English, German and Spanish.

use domain::requirements::{Region, Wish};

use crate::reading::{Matter, Mention, Reading, Setting};

use Region::{
    Africa, Asia, Canada, Eu, MiddleEast, Oceania, SouthAmerica, Uk, Us, UsCentral, UsEast, UsWest,
};

#[rustfmt::skip]
const PLACES: &[(Region, &[&str])] = &[
    (
        UsWest,
        &[
            "us west", "usw", "uswest", "west coast", "west us", "western us", "california",
            "oregon", "los angeles", "san francisco", "seattle", "portland", "silicon valley",
            "san jose", "las vegas", "phoenix", "arizona", "nevada", "pacific northwest",
            "westkuste", "costa oeste", "utah", "salt lake city", "bay area", "palo alto",
            "santa clara", "san diego", "western united states", "us west coast", "hillsboro",
        ],
    ),
    (
        UsEast,
        &[
            "us east", "use1", "useast", "east coast", "east us", "eastern us", "virginia",
            "new york", "nyc", "boston", "miami", "florida", "atlanta", "georgia", "new jersey",
            "ohio", "north carolina", "washington dc", "ostkuste", "costa este", "ashburn",
            "philadelphia", "northern virginia", "eastern united states", "us east coast",
            "charlotte",
        ],
    ),
    (
        UsCentral,
        &[
            "us central", "uscentral", "central us", "texas", "dallas", "chicago", "iowa",
            "austin", "houston", "kansas", "illinois", "denver", "colorado", "midwest",
            "minnesota", "missouri", "council bluffs",
        ],
    ),
    (
        Us,
        &[
            "usa", "u s", "u s a", "united states", "america", "states", "north america",
            "vereinigte staaten", "estados unidos", "eeuu", "ee uu", "amerika", "norteamerica",
            "nordamerika", "us only", "us based", "us region", "us regions", "us datacenter",
            "us datacenters", "us providers", "us provider",
        ],
    ),
    (
        Canada,
        &[
            "canada", "kanada", "toronto", "montreal", "vancouver", "quebec", "ca central",
            "ca east", "ca west", "canadian", "calgary", "ontario",
        ],
    ),
    (
        Uk,
        &[
            "uk", "united kingdom", "england", "london", "britain", "great britain", "scotland",
            "manchester", "grossbritannien", "reino unido", "londres", "wales", "inglaterra",
            "british",
        ],
    ),
    (
        Eu,
        &[
            "europe", "eu", "european union", "european", "europa", "europaisch", "germany",
            "deutschland", "alemania", "german", "frankfurt", "berlin", "munich", "munchen",
            "hamburg", "france", "frankreich", "francia", "paris", "netherlands", "holland",
            "niederlande", "paises bajos", "amsterdam", "spain", "spanien", "espana", "madrid",
            "barcelona", "italy", "italien", "italia", "milan", "rome", "poland", "polen",
            "polonia", "warsaw", "sweden", "schweden", "stockholm", "finland", "finnland",
            "helsinki", "norway", "oslo", "denmark", "copenhagen", "ireland", "irland", "irlanda",
            "dublin", "austria", "osterreich", "vienna", "wien", "switzerland", "schweiz",
            "suiza", "zurich", "geneva", "belgium", "brussels", "portugal", "lisbon",
            "czech republic", "czechia", "prague", "romania", "bucharest", "greece", "athens",
            "hungary", "budapest", "bulgaria", "sofia", "estonia", "latvia", "lithuania",
            "ukraine", "croatia", "falkenstein", "eu central", "eu west", "eu north", "eu south",
            "eu east", "luxembourg", "iceland", "slovakia", "slovenia", "zagreb", "gdpr", "dsgvo",
            "rotterdam", "marseille", "vilnius", "tallinn", "riga", "nuremberg", "nurnberg",
        ],
    ),
    (
        Asia,
        &[
            "asia", "asien", "asian", "apac", "asia pacific", "japan", "japon", "tokyo", "tokio",
            "osaka", "singapore", "singapur", "india", "indien", "mumbai", "bangalore", "delhi",
            "hyderabad", "chennai", "hong kong", "hongkong", "china", "shanghai", "beijing",
            "shenzhen", "korea", "south korea", "seoul", "taiwan", "taipei", "indonesia",
            "jakarta", "malaysia", "kuala lumpur", "thailand", "bangkok", "vietnam", "hanoi",
            "philippines", "manila", "ap southeast", "ap northeast", "ap south", "ap east",
            "southeast asia", "asia east", "kazakhstan", "sea region", "saigon", "pakistan",
            "ho chi minh",
        ],
    ),
    (
        Oceania,
        &[
            "oceania", "australia", "australien", "sydney", "melbourne", "new zealand",
            "neuseeland", "auckland", "brisbane", "perth", "ozeanien", "australian",
            "nueva zelanda",
        ],
    ),
    (
        SouthAmerica,
        &[
            "south america", "sudamerika", "suramerica", "sudamerica", "latin america", "latam",
            "latinoamerica", "brazil", "brasil", "brasilien", "sao paulo", "argentina",
            "buenos aires", "chile", "colombia", "bogota", "peru", "lima", "sa east",
            "rio de janeiro", "uruguay", "ecuador", "medellin", "sa west",
        ],
    ),
    (
        Africa,
        &[
            "africa", "afrika", "south africa", "johannesburg", "cape town", "nigeria", "lagos",
            "kenya", "nairobi", "egypt", "cairo", "af south", "morocco", "ghana", "sudafrica",
        ],
    ),
    (
        MiddleEast,
        &[
            "middle east", "dubai", "uae", "emirates", "israel", "tel aviv", "saudi arabia",
            "riyadh", "qatar", "doha", "turkey", "istanbul", "bahrain", "naher osten",
            "oriente medio", "me central", "me south", "abu dhabi", "medio oriente", "kuwait",
            "oman",
        ],
    ),
];

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    let mut mentions: Vec<Mention<Region>> = Vec::new();
    let mut refused = None;
    let mut i = 0;
    while i < reading.len() {
        let Some((region, to)) = place_at(reading, i) else {
            i += 1;
            continue;
        };
        if reading.is_refused(i, to) {
            refused = Some(region);
        } else {
            mentions.push(Mention {
                value: region,
                from: i,
                to,
            });
        }
        reading.take(i, to);
        i = to;
    }
    let Some(settled) = reading.settle(&mentions) else {
        if let Some(region) = refused {
            reading.ask(
                Matter::Kind,
                format!("Which region should it be, if not {region}?"),
            );
        }
        return;
    };
    let mut region = settled.chosen.value;
    let mut note_to = settled.chosen.to;
    if let Some(rival) = settled.rival {
        match together(region, rival.value) {
            Some(both) => {
                region = both;
                note_to = note_to.max(rival.to);
            }
            None => {
                let question = format!("Which region first, {region} or {}?", rival.value);
                let answers = [region, rival.value]
                    .map(|region| (region.to_string(), Setting::Region(region)));
                reading.ask_between(Matter::Kind, question, answers.into());
            }
        }
    }
    wish.region = Some(region);
    reading.note("region", settled.chosen.from, note_to);
}

/// Combines two regions: a region and a part of it yield the part; two parts of one country yield
/// the country.
fn together(first: Region, second: Region) -> Option<Region> {
    let parts = [UsWest, UsEast, UsCentral];
    match (parts.contains(&first), parts.contains(&second)) {
        (true, true) => Some(Us),
        (true, false) if second == Us => Some(first),
        (false, true) if first == Us => Some(second),
        _ => None,
    }
}

fn place_at(reading: &Reading<'_>, i: usize) -> Option<(Region, usize)> {
    let word = reading.word(i);
    if word.is_empty() {
        return None;
    }
    if word == "us" {
        return us_at(reading, i);
    }
    let (region, mut to) = PLACES
        .iter()
        .filter_map(|(region, names)| {
            let to = names
                .iter()
                .filter(|name| name.starts_with(word))
                .filter_map(|name| reading.phrase(i, name))
                .max()?;
            Some((*region, to))
        })
        .max_by_key(|(_, to)| *to)?;
    // The zone number of eu-central-1.
    if reading.is_mark(to, "-") && reading.is_glued(to) && reading.digits(to + 1).is_some() {
        to += 2;
    }
    // "EU" in lower case is also a word of other languages: “una eu” never means the region.
    Some((region, to))
}

/// `US` in capitals or next to a word for a place; `us` alone is a pronoun.
fn us_at(reading: &Reading<'_>, i: usize) -> Option<(Region, usize)> {
    let parts = [
        (
            UsWest,
            &[
                "us west",
                "us west1",
                "us west2",
                "us west3",
                "us west4",
                "us west coast",
                "us pacific",
            ][..],
        ),
        (
            UsEast,
            &[
                "us east",
                "us east1",
                "us east4",
                "us east5",
                "us east coast",
            ][..],
        ),
        (
            UsCentral,
            &[
                "us central",
                "us central1",
                "us south",
                "us south1",
                "us midwest",
            ][..],
        ),
    ];
    for (region, names) in parts {
        if let Some(mut to) = reading.any_phrase(i, names) {
            if reading.is_mark(to, "-") && reading.is_glued(to) && reading.digits(to + 1).is_some()
            {
                to += 2;
            }
            return Some((region, to));
        }
    }
    let capital = reading.written(i) == "US";
    let placed = matches!(
        reading.word_before(i, 1),
        "in" | "the"
            | "within"
            | "near"
            | "region"
            | "location"
            | "outside"
            | "inside"
            | "only"
            | "from"
            | "across"
            | "not"
            | "not-in"
    ) || (i > 0 && [":", "="].iter().any(|mark| reading.is_mark(i - 1, mark)))
        || reading.is(
            i + 1,
            &[
                "based",
                "only",
                "region",
                "datacenter",
                "provider",
                "providers",
                "hosted",
                "located",
            ],
        )
        || (reading.is_mark(i + 1, "-") && reading.is(i + 2, &["based", "only", "hosted"]));
    let alone = (i == 0 || reading.is_mark(i - 1, ","))
        && (i + 1 == reading.len() || reading.is_mark(i + 1, ","));
    (capital || placed || alone).then_some((Us, i + 1))
}
