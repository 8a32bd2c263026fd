//! Writes a generated document.
//!
//! The text is meant to be read and changed by people: keys in the order of the documentation,
//! short comments that say why, and only spellings that both dialects read the same way.

use std::fmt::Write as _;

use domain::money::{UACT_SCALE, UactPerBlock};
use domain::requirements::Region;
use domain::resources::{GpuInterface, GpuRequest, GpuVendor};

use crate::cost;
use crate::emit;
use crate::quantity::{bytes_text, cpu_text};
use crate::recipe::Recipe;
use crate::secret::TO_BE_GENERATED;

/// One GPU of any model.
pub(crate) const ANY_GPU: GpuRequest = GpuRequest {
    vendor: None,
    model: None,
    count: 1,
    vram_gib: None,
    interface: None,
};

/// The placement's name in a generated document.
pub const PLACEMENT: &str = "akash";

/// Number of decimals of a written price. With more, the two readers' doubles would differ.
const PRICE_DECIMALS: u32 = 6;

/// Everything that a generated document contains.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) title: &'a str,
    pub(crate) recipe: Option<&'a Recipe>,
    pub(crate) image: Option<&'a str>,
    pub(crate) env: &'a [(&'a str, &'a str)],
    pub(crate) ports: &'a [u16],
    pub(crate) cpu_milli: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) storage_bytes: u64,
    pub(crate) persistent: bool,
    pub(crate) gpu: Option<&'a GpuRequest>,
    pub(crate) replicas: u32,
    pub(crate) region: Option<Region>,
    pub(crate) price_cap: Option<UactPerBlock>,
}

impl Draft<'_> {
    /// The recipe, if its own image is run.
    fn own_recipe(&self) -> Option<&Recipe> {
        let recipe = self.recipe?;
        let name = |image: &str| {
            let last = image.rsplit('/').next().unwrap_or(image);
            last.split([':', '@']).next().unwrap_or(last).to_owned()
        };
        match self.image {
            None => Some(recipe),
            Some(image) => (name(image) == name(recipe.image)).then_some(recipe),
        }
    }

    fn image(&self) -> &str {
        match (self.image, self.recipe) {
            (Some(image), _) => image,
            (None, Some(recipe)) => recipe.image,
            // No workload was named, so use the smallest image that answers on a port.
            (None, None) => "nginx:1.27-alpine",
        }
    }

    fn service(&self) -> &str {
        self.recipe.map_or("app", |recipe| recipe.service)
    }

    fn port(&self) -> u16 {
        self.ports
            .first()
            .copied()
            .or_else(|| self.recipe.map(|recipe| recipe.port))
            .unwrap_or(80)
    }
}

/// Lines with their indentation.
#[derive(Default)]
struct Page {
    out: String,
}

impl Page {
    fn line(&mut self, depth: usize, text: impl AsRef<str>) {
        let indent = "  ".repeat(depth);
        writeln!(self.out, "{indent}{}", text.as_ref()).expect("writing to a string succeeds");
    }
}

/// Writes a document.
pub(crate) fn write(draft: &Draft<'_>) -> String {
    let mut page = Page::default();
    page.line(
        0,
        format!(
            "# {}. Change what you like: it is checked as you type.",
            draft.title
        ),
    );
    page.line(0, "version: \"2.0\"");
    page.line(0, "services:");
    service(&mut page, draft);
    page.line(0, "profiles:");
    compute(&mut page, draft);
    placement(&mut page, draft);
    page.line(0, "deployment:");
    page.line(1, format!("{}:", draft.service()));
    page.line(2, format!("{PLACEMENT}:"));
    page.line(3, format!("profile: {}", draft.service()));
    page.line(3, format!("count: {}", draft.replicas));
    page.out
}

fn service(page: &mut Page, draft: &Draft<'_>) {
    let recipe = draft.own_recipe();
    let port = draft.port();
    let with_port = |text: &str| text.replace("{port}", &port.to_string());
    page.line(1, format!("{}:", draft.service()));
    if let Some(recipe) = recipe.filter(|_| draft.image.is_none()) {
        page.line(2, format!("# {}", recipe.hint));
    }
    page.line(2, format!("image: {}", emit::text(draft.image())));
    let mut command: Vec<String> = recipe
        .map(|recipe| recipe.command.iter().map(|word| with_port(word)).collect())
        .unwrap_or_default();
    let moved_port = recipe.is_some_and(|recipe| recipe.service == "site" && port != recipe.port);
    if moved_port {
        command = ["sh", "-c"].map(ToOwned::to_owned).to_vec();
        command.push(format!(
            "sed -i 's/\\b80;/{port};/' /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'"
        ));
    }
    if !command.is_empty() {
        page.line(2, "command:");
        for word in &command {
            page.line(3, format!("- {}", emit::text(word)));
        }
    }
    let mut env: Vec<(String, String)> = recipe
        .map(|recipe| recipe.env)
        .unwrap_or_default()
        .iter()
        .filter(|(name, _)| !draft.env.iter().any(|(given, _)| given == name))
        .map(|(name, value)| ((*name).to_owned(), with_port(value)))
        .collect();
    env.extend(
        draft
            .env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    if !env.is_empty() {
        page.line(2, "env:");
        for (name, value) in &env {
            let comment = if value == TO_BE_GENERATED {
                " # a secret made for each order"
            } else {
                ""
            };
            let variable = emit::text(&format!("{name}={value}"));
            page.line(3, format!("- {variable}{comment}"));
        }
    }
    expose(page, draft);
    if draft.persistent {
        let mount = draft.recipe.map_or("/data", |recipe| recipe.mount);
        page.line(2, "params:");
        page.line(3, "storage:");
        page.line(4, "data:");
        page.line(5, format!("mount: {mount}"));
    }
}

fn expose(page: &mut Page, draft: &Draft<'_>) {
    let fallback = [draft.port()];
    let ports = if draft.ports.is_empty() {
        &fallback
    } else {
        draft.ports
    };
    let main = ports[0];
    let mut sorted = ports.to_vec();
    // The command line sorts ports by number and Console does not: in this order they agree.
    sorted.sort_unstable();
    sorted.dedup();
    page.line(2, "expose:");
    for port in sorted {
        page.line(3, format!("- port: {port}"));
        let is_web = port == main
            && draft
                .recipe
                .map_or(is_web_port(port), |recipe| recipe.is_web);
        if is_web && port != 80 {
            page.line(
                4,
                "# 80 gets a web address; any other number a port of the provider's choice",
            );
        }
        let external = if is_web { 80 } else { port };
        page.line(4, format!("as: {external}"));
        page.line(4, "to:");
        page.line(5, "- global: true");
    }
}

/// Whether a port speaks HTTP: all do except those of well-known other services.
const fn is_web_port(port: u16) -> bool {
    !matches!(
        port,
        21 | 22
            | 25
            | 53
            | 1883
            | 3306
            | 3389
            | 5432
            | 5672
            | 6379
            | 9042
            | 9092
            | 11211
            | 25565
            | 27017
    )
}

fn compute(page: &mut Page, draft: &Draft<'_>) {
    page.line(1, "compute:");
    page.line(2, format!("{}:", draft.service()));
    page.line(3, "# what one replica gets");
    page.line(3, "resources:");
    page.line(4, "cpu:");
    page.line(5, format!("units: {}", cpu_text(draft.cpu_milli)));
    page.line(4, "memory:");
    page.line(5, format!("size: {}", bytes_text(draft.memory_bytes)));
    page.line(4, "storage:");
    let size = bytes_text(draft.storage_bytes);
    if draft.persistent {
        page.line(5, "- name: data");
        page.line(6, format!("size: {size}"));
        page.line(6, "attributes:");
        page.line(
            7,
            "# persistent survives restarts, but not the end of the lease",
        );
        page.line(7, "class: beta3");
        page.line(7, "persistent: true");
    } else {
        page.line(5, format!("size: {size}"));
    }
    if let Some(gpu) = draft.gpu.filter(|gpu| gpu.count > 0) {
        self::gpu(page, gpu);
    }
}

fn gpu(page: &mut Page, gpu: &GpuRequest) {
    page.line(4, "gpu:");
    page.line(5, format!("units: {}", gpu.count));
    page.line(5, "attributes:");
    page.line(6, "vendor:");
    let vendor = gpu.vendor.unwrap_or(GpuVendor::Nvidia).as_str();
    let Some(model) = &gpu.model else {
        if let Some(least) = gpu.vram_gib {
            page.line(
                7,
                format!("# {least} GiB or more for each card: compared when bids come in, SDL cannot say it"),
            );
        } else {
            page.line(7, "# any model");
        }
        page.line(7, format!("{vendor}:"));
        return;
    };
    page.line(7, format!("{vendor}:"));
    page.line(8, format!("- model: {}", emit::text(model.as_str())));
    if let Some(ram) = gpu.vram_gib {
        page.line(9, format!("ram: {ram}Gi"));
    }
    match gpu.interface {
        Some(interface @ (GpuInterface::Sxm | GpuInterface::Pcie)) => {
            page.line(9, format!("interface: {}", interface.as_str()));
        }
        // An SDL cannot express the bridged pair; it is considered when bids are compared.
        Some(GpuInterface::Nvl) | None => {}
    }
}

fn placement(page: &mut Page, draft: &Draft<'_>) {
    page.line(1, "placement:");
    page.line(2, format!("{PLACEMENT}:"));
    match draft.region.map(|region| (region, region.akash_regions())) {
        Some((_, [only])) => {
            page.line(3, "attributes:");
            page.line(4, format!("location-region: {only}"));
        }
        Some((region, _)) => {
            page.line(
                3,
                format!("# {region} has several regions and SDL can name only one: bids are compared by region"),
            );
        }
        None => {}
    }
    page.line(3, "pricing:");
    page.line(4, format!("{}:", draft.service()));
    page.line(5, "denom: uact");
    let (amount, why) = match draft.price_cap {
        Some(cap) => (
            share(cap, draft.replicas),
            "the most you pay per block (about 6 s) and replica; bids are at or below it",
        ),
        None => (
            cost::generous_cap(&cost::Shape {
                cpu_milli: draft.cpu_milli,
                memory_bytes: draft.memory_bytes,
                storage_bytes: draft.storage_bytes,
                gpus: draft.gpu.map_or(0, |gpu| u64::from(gpu.count)),
            })
            .to_string(),
            "a generous limit per block (about 6 s) and replica; bids are mostly far below it",
        ),
    };
    page.line(5, format!("# {why}"));
    page.line(5, format!("amount: {amount}"));
}

/// A replica's share of a cap, truncated to six decimals and at least a millionth of a uact.
fn share(cap: UactPerBlock, replicas: u32) -> String {
    let step = UACT_SCALE / 10_u128.pow(PRICE_DECIMALS);
    let limit = UACT_SCALE.saturating_mul(10_000_000);
    let share = (cap.scaled() / u128::from(replicas)).min(limit);
    let whole_steps = (share / step).max(1) * step;
    UactPerBlock::from_scaled(whole_steps).to_string()
}
