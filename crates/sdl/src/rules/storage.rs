//! Volumes and their mount points.

use std::collections::BTreeMap;

use super::Used;
use crate::diagnostic::Findings;
use crate::dialect::Dialect;
use crate::model::{Model, Version};
use crate::problem::Reference;

/// Checks that the mounts of a service and the volumes of its profile match.
pub(super) fn check(used: &Used<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    mounts(used, model, findings);
    persistent(used, model, findings);
}

fn mounts(used: &Used<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    let Some(params) = &used.service.params else {
        return;
    };
    let service = used.service.name.text;
    let profile = used.compute.name.text;
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for mount in &params.mounts {
        let name = mount.volume.text;
        let volume = used
            .compute
            .volumes
            .iter()
            .find(|volume| match model.dialect {
                Dialect::Go => volume.name == name,
                Dialect::Console => volume.written_name == Some(name),
            });
        let Some(volume) = volume else {
            let unnamed = used
                .compute
                .volumes
                .iter()
                .any(|volume| volume.written_name.is_none() && volume.name == name);
            let problem = if unnamed {
                Reference::UnnamedVolume {
                    volume: name.to_owned(),
                }
            } else {
                Reference::NoVolume {
                    profile: profile.to_owned(),
                    volume: name.to_owned(),
                }
            };
            findings.refuse(
                model.dialect.into(),
                "volume-missing",
                format!("profiles.compute.{profile}.resources.storage"),
                mount.volume.span,
                problem,
            );
            continue;
        };
        let path = mount.path.unwrap_or_default();
        if let Some(other) = taken.insert(path.text, name) {
            let below = if path.text.is_empty() { "" } else { ".mount" };
            findings.refuse(
                model.dialect.into(),
                "mount-twice",
                format!("services.{service}.params.storage.{name}{below}"),
                mount.path.map_or(mount.volume.span, |path| path.span),
                Reference::MountTwice {
                    first: other.to_owned(),
                    second: name.to_owned(),
                },
            );
        }
        let is_ram = volume.attribute("class") == Some("ram");
        let refused = model.dialect == Dialect::Go && model.version == Version::V2_1;
        if is_ram && mount.read_only && refused {
            findings.refuse(
                model.dialect.into(),
                "read-only-ram",
                format!("services.{service}.params.storage.{name}.readOnly"),
                mount.read_only_span,
                Reference::ReadOnlyRam,
            );
        }
    }
}

/// A persistent volume needs a mount. Console requires a mount for each; the command line requires,
/// in version 2.0, that there is at least one mount.
fn persistent(used: &Used<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    let mounts = used
        .service
        .params
        .as_ref()
        .map(|params| params.mounts.as_slice())
        .unwrap_or_default();
    for volume in &used.compute.volumes {
        if !volume.persistent {
            continue;
        }
        let mounted = match (model.dialect, model.version) {
            (Dialect::Console, _) => mounts.iter().any(|mount| {
                Some(mount.volume.text) == volume.written_name && mount.path.is_some()
            }),
            (Dialect::Go, Version::V2_0) => !mounts.is_empty(),
            (Dialect::Go, Version::V2_1) => true,
        };
        if !mounted {
            let service = used.service.name.text;
            let name = volume.name;
            findings.refuse(
                model.dialect.into(),
                "persistent-mount",
                format!("services.{service}.params.storage.{name}.mount"),
                volume.span,
                Reference::NotMounted {
                    volume: name.to_owned(),
                    service: service.to_owned(),
                },
            );
        }
    }
}
