//! Parses the content of a field into the change that it makes.

use domain::money::UactPerBlock;
use sdl::edit::{Change, FormService, REGION};

use crate::wish_fields::read as amounts;

pub(super) fn image(service: &FormService, typed: &str) -> Result<Change, String> {
    let image = typed.trim();
    if image.is_empty() || image.contains(char::is_whitespace) {
        return Err("Name an image, nginx:1.27 for example.".to_owned());
    }
    Ok(Change::Image {
        service: service.name.clone(),
        image: image.to_owned(),
    })
}

pub(super) fn replicas(service: &FormService, typed: &str) -> Result<Change, String> {
    Ok(Change::Replicas {
        service: service.name.clone(),
        placement: service.placement.clone(),
        count: whole(typed, 1).ok_or("Copies are a whole number from 1.")?,
    })
}

pub(super) fn cpu(service: &FormService, typed: &str) -> Result<Change, String> {
    let cpu = amounts::cpu(typed).map_err(|error| error.sentence)?;
    let cpu = cpu.filter(|cpu| cpu.0 > 0);
    Ok(Change::Cpu {
        profile: service.profile.clone(),
        milli: cpu.ok_or("CPU is a number of vCPUs like 4 or 0.5.")?.0,
    })
}

pub(super) fn memory(service: &FormService, typed: &str) -> Result<Change, String> {
    Ok(Change::Memory {
        profile: service.profile.clone(),
        bytes: size("memory", typed)?,
    })
}

pub(super) fn storage(service: &FormService, volume: usize, typed: &str) -> Result<Change, String> {
    Ok(Change::Storage {
        profile: service.profile.clone(),
        volume,
        bytes: size("storage", typed)?,
    })
}

pub(super) fn gpu_units(service: &FormService, typed: &str) -> Result<Change, String> {
    Ok(Change::Gpu {
        profile: service.profile.clone(),
        units: whole(typed, 0).ok_or("GPUs are a whole number; 0 for none.")?,
        models: service.gpu_models.clone(),
    })
}

pub(super) fn gpu_models(service: &FormService, typed: &str) -> Result<Change, String> {
    let units = u32::try_from(service.gpu_units).unwrap_or(u32::MAX);
    if units == 0 && !typed.trim().is_empty() {
        return Err("Say how many GPUs first.".to_owned());
    }
    let models = typed
        .split([',', ' '])
        .filter(|model| !model.is_empty() && *model != "any")
        .map(str::to_ascii_lowercase);
    Ok(Change::Gpu {
        profile: service.profile.clone(),
        units,
        models: models.collect(),
    })
}

pub(super) fn port(service: &FormService, index: usize, typed: &str) -> Result<Change, String> {
    Ok(Change::Port {
        service: service.name.clone(),
        index,
        port: port_number(typed)?,
        external: None,
    })
}

pub(super) fn external(service: &FormService, index: usize, typed: &str) -> Result<Change, String> {
    let inner = service.ports.get(index).map(|port| port.port);
    let inner = inner.and_then(|port| u16::try_from(port).ok());
    Ok(Change::Port {
        service: service.name.clone(),
        index,
        port: inner.ok_or("Put the port itself right first.")?,
        external: Some(port_number(typed)?),
    })
}

pub(super) fn new_port(service: &FormService, typed: &str) -> Result<Change, String> {
    Ok(Change::AddPort {
        service: service.name.clone(),
        port: port_number(typed)?,
        external: port_number(typed)?,
    })
}

pub(super) fn variable(service: &FormService, name: &str, value: &str) -> Result<Change, String> {
    Ok(Change::Variable {
        service: service.name.clone(),
        name: name.to_owned(),
        value: Some(value.to_owned()),
    })
}

pub(super) fn new_variable(service: &FormService, typed: &str) -> Result<Change, String> {
    let (name, value) = typed
        .trim()
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("Write a variable as NAME=value.")?;
    variable(service, name, value)
}

pub(super) fn region(service: &FormService, typed: &str) -> Result<Change, String> {
    let region = Some(typed.trim()).filter(|region| !region.is_empty());
    Ok(Change::Attribute {
        placement: service.placement.clone(),
        key: REGION.to_owned(),
        value: region.map(ToOwned::to_owned),
    })
}

pub(super) fn price(service: &FormService, typed: &str) -> Result<Change, String> {
    let amount: Option<UactPerBlock> = typed.trim().parse().ok();
    Ok(Change::Price {
        placement: service.placement.clone(),
        profile: service.profile.clone(),
        amount: amount
            .filter(|amount| amount.scaled() > 0)
            .ok_or("The price limit is an amount per block, 1000 or 0.5 for example.")?,
    })
}

fn whole(typed: &str, least: u32) -> Option<u32> {
    typed.trim().parse().ok().filter(|number| *number >= least)
}

fn size(field: &'static str, typed: &str) -> Result<u64, String> {
    let bytes = amounts::bytes(field, typed).map_err(|error| error.sentence)?;
    Ok(bytes
        .ok_or("A size is a number and a unit like 16Gi or 512Mi.")?
        .0)
}

fn port_number(typed: &str) -> Result<u16, String> {
    let port = typed.trim().parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| "A port is a number from 1 to 65535.".to_owned())
}

#[cfg(test)]
mod tests {
    use sdl::edit::{self, Change, FormService};

    type Read = fn(&FormService, &str) -> Result<Change, String>;

    fn service() -> FormService {
        let text = sdl::templates::by_id("web-node").expect("exists").sdl();
        edit::form(&text).expect("reads").services.remove(0)
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let cases: [(Read, &str, &str); 9] = [
            (super::image, " ", "Name an image"),
            (super::replicas, "0", "from 1"),
            (super::cpu, "much", "number of vCPUs"),
            (super::memory, "16 bananas", "16Gi"),
            (super::gpu_units, "-1", "0 for none"),
            (super::gpu_models, "h100", "how many GPUs first"),
            (super::new_port, "70000", "1 to 65535"),
            (super::new_variable, "=x", "NAME=value"),
            (super::price, "free", "per block"),
        ];
        for (read, typed, says) in cases {
            let sentence = read(&service(), typed).expect_err(typed);
            assert!(sentence.contains(says), "{sentence}");
        }
    }

    #[test]
    fn what_fits_becomes_the_change() {
        let service = service();
        let profile = service.profile.clone();
        assert_eq!(
            super::memory(&service, "1.5Gi"),
            Ok(Change::Memory {
                profile: profile.clone(),
                bytes: 3 << 29
            })
        );
        assert_eq!(
            super::cpu(&service, " 0.5 "),
            Ok(Change::Cpu {
                profile,
                milli: 500
            })
        );
        assert_eq!(
            super::new_variable(&service, "A=b=c"),
            super::variable(&service, "A", "b=c")
        );
    }
}
