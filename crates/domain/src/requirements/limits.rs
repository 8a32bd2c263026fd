//! Limits of the network.

use super::{Requirements, WishError};
use crate::time::Seconds;

impl Requirements {
    /// Checks that every number is within the limits.
    ///
    /// # Errors
    /// The first number that is outside the limits.
    pub(super) fn within_limits(&self) -> Result<(), WishError> {
        let check = |field, asked: String, ok, least, most| {
            if ok {
                Ok(())
            } else {
                Err(WishError::OutOfRange {
                    field,
                    asked,
                    least,
                    most,
                })
            }
        };
        // First the fields that were asked for, then those sized from them.
        let cards = self.gpu.as_ref().map_or(1, |gpu| gpu.count);
        check(
            "GPU count",
            cards.to_string(),
            (1..=24).contains(&cards),
            "1",
            "24",
        )?;
        let (cpu, memory, storage) = (self.cpu.0, self.memory.0, self.storage.0);
        check(
            "CPU",
            format!("{} vCPU", self.cpu),
            (10..=384_000).contains(&cpu),
            "0.01 vCPU",
            "384 vCPU",
        )?;
        check(
            "Memory",
            self.memory.to_string(),
            (1 << 20..=2 << 40).contains(&memory),
            "1 MiB",
            "2 TiB",
        )?;
        check(
            "Storage",
            self.storage.to_string(),
            (5 << 20..=32 << 40).contains(&storage),
            "5 MiB",
            "32 TiB",
        )?;
        check(
            "Replicas",
            self.replicas.to_string(),
            (1..=50).contains(&self.replicas),
            "1",
            "50",
        )?;
        let zero_port = self.ports.contains(&0);
        check("Port", "0".to_owned(), !zero_port, "1", "65535")?;
        let (least, most) = (Seconds::minutes(5).0, Seconds::days(366).0);
        let duration_fits = (least..=most).contains(&self.duration.0);
        check(
            "Duration",
            self.duration.in_words(),
            duration_fits,
            "5 minutes",
            "366 days",
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::requirements::{Template, Wish};
    use crate::resources::{CpuMilli, GpuRequest};
    use crate::time::Seconds;

    #[test]
    fn numbers_outside_the_network_s_limits_are_refused_by_name() {
        let wish = Wish {
            template: Some(Template::Redis),
            cpu: Some(CpuMilli(400_000)),
            ..Wish::default()
        };
        assert_eq!(
            wish.complete().unwrap_err().to_string(),
            "CPU must be between 0.01 vCPU and 384 vCPU; you asked for 400 vCPU."
        );
        let wish = Wish {
            template: Some(Template::Redis),
            duration: Some(Seconds(10)),
            ..Wish::default()
        };
        assert!(
            wish.complete()
                .unwrap_err()
                .to_string()
                .starts_with("Duration must be")
        );
    }

    #[test]
    fn too_many_cards_are_refused_as_cards_and_not_by_the_cpu_sized_for_them() {
        let wish = Wish {
            template: Some(Template::MlTraining),
            gpu: Some(GpuRequest {
                vendor: None,
                model: None,
                count: 1000,
                vram_gib: None,
                interface: None,
            }),
            ..Wish::default()
        };
        let refused = wish.complete().unwrap_err().to_string();
        assert!(refused.starts_with("GPU count must be"), "{refused}");
    }
}
