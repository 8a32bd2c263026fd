//! Rows exported as files.

use crate::offers::json::Json;
use crate::offers::{Offer, pricing_word};

const HEAD: &str = "venue,shape,provider,gpu,gpu_count,vram_gib,vcpu,memory_mib,region,pricing_model,\
                    usd_per_gpu_hour,usd_per_hour,availability,uptime_bps,latency_ms,interruption,\
                    provenance,observed_at,link\r\n";

/// The rows as CSV (RFC 4180). `observed_at` is in seconds since 1970.
#[must_use]
pub fn csv<'a>(offers: impl Iterator<Item = &'a Offer>) -> String {
    let mut text = HEAD.to_owned();
    for offer in offers {
        let known = |number: Option<u32>| number.map_or_else(String::new, |n| n.to_string());
        let record = &offer.record;
        let cells = [
            offer.venue.id().to_owned(),
            cell(&offer.shape),
            cell(offer.provider.as_deref().unwrap_or_default()),
            cell(offer.gpu.name()),
            offer.cards.to_string(),
            known(crate::offers::vram_gib(offer)),
            offer.cpu.map_or_else(String::new, |cpu| cpu.to_string()),
            offer
                .memory
                .map_or_else(String::new, |memory| (memory.0 >> 20).to_string()),
            cell(offer.place.as_ref().map_or("", |place| &place.label)),
            pricing_word(offer.pricing_model).to_owned(),
            offer.usd_per_gpu_hour.to_string(),
            offer.usd_per_hour.to_string(),
            offer.availability.id(),
            known(record.uptime_bps),
            known(record.latency_ms),
            cell(record.interruption.as_ref().map_or("", |band| &band.label)),
            offer.provenance.id().to_owned(),
            offer.observed_at.0.to_string(),
            cell(offer.link.as_deref().unwrap_or_default()),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// The rows as a JSON list.
#[must_use]
pub fn json<'a>(offers: impl Iterator<Item = &'a Offer>) -> String {
    Json::list(offers.map(Offer::to_json)).canonical()
}

/// Quotes text from outside. A spreadsheet would evaluate text that begins like a formula.
fn cell(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if runs { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{cell, csv, json};
    use crate::offers::tokens::TokenRates;
    use crate::offers::{Decimal, ListedPrice, Listing, Venue, normalize};

    #[test]
    fn text_from_outside_stays_in_its_cell() {
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        let price = ListedPrice::PerShapeHour(Decimal::cents(800));
        let listing = Listing {
            observed_at: crate::time::UnixSeconds(7),
            ..Listing::new(Venue::RunPod, "x,y", "H100 SXM", price)
        };
        let offer = normalize(listing, &TokenRates::default()).unwrap();
        let text = csv([&offer].into_iter());
        let mut lines = text.lines();
        let columns = lines.next().unwrap().split(',').count();
        let line = lines.next().unwrap();
        assert!(line.starts_with("runpod,\"x,y\",\"\",\"h100"), "{line}");
        assert!(
            line.contains(",8.00,8.00,") || line.contains(",8,8,"),
            "{line}"
        );
        assert_eq!(
            line.split(',').count(),
            columns + 1,
            "one comma is inside a cell"
        );
        assert!(json([&offer].into_iter()).starts_with("[{"));
    }
}
