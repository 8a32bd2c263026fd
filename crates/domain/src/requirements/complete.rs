//! Completes a wish to requirements: decides every open field and gives the reason.

use super::{Assumption, Requirements, Template, Wish, WishError};
use crate::resources::{Bytes, CpuMilli, GpuRequest};
use crate::time::Seconds;

/// Duration of a workload if the buyer named none.
const DEFAULT_DURATION: Seconds = Seconds::hours(24);

impl Wish {
    /// Decides every open field, listing each one with the reason.
    ///
    /// # Errors
    /// If nothing says what to run, or a number is outside what the network accepts (Akash's
    /// `validation_config`: 10 m to 384 CPU, 1 MiB to 2 TiB memory, 5 MiB to 32 TiB storage, at
    /// most 24 GPUs per unit, 50 replicas).
    pub fn complete(&self) -> Result<(Requirements, Vec<Assumption>), WishError> {
        let mut assumed = Assumptions::default();
        let gpu = if self.no_gpu { None } else { self.gpu.clone() };
        let template = match (self.template, &self.image, &gpu) {
            (Some(template), _, _) => Some(template),
            (None, Some(_), _) => None,
            (None, None, Some(_)) => {
                assumed.note(
                    "template",
                    Template::MlTraining.title(),
                    "a GPU was asked for and no image named",
                );
                Some(Template::MlTraining)
            }
            (None, None, None) if self.is_compute_only() => {
                assumed.note(
                    "template",
                    Template::WebPython.title(),
                    "only sizes were named: a Python image runs most jobs",
                );
                Some(Template::WebPython)
            }
            (None, None, None) => return Err(WishError::NothingToRun),
        };
        let defaults = template.unwrap_or(Template::WebNode).defaults();
        let source = template.map_or("a container of this kind", Template::title);
        let gpu = match gpu {
            None if defaults.needs_gpu && !self.no_gpu => {
                assumed.note(
                    "gpu",
                    "1 × any GPU",
                    "training needs a GPU and no model was named",
                );
                Some(GpuRequest {
                    vendor: None,
                    model: None,
                    count: 1,
                    vram_gib: None,
                    interface: None,
                })
            }
            gpu => gpu,
        };
        let cards = u64::from(gpu.as_ref().map_or(0, |gpu| gpu.count));
        let cpu = self.cpu.unwrap_or_else(|| {
            let cpu = CpuMilli(defaults.cpu.0.max(cards * 4000));
            assumed.note("cpu", &format!("{cpu} vCPU"), &sizing_reason(source, cards));
            cpu
        });
        let memory = self.memory.unwrap_or_else(|| {
            let memory = Bytes(defaults.memory.0.max(cards * Bytes::gib(16).0));
            assumed.note("memory", &memory.to_string(), &sizing_reason(source, cards));
            memory
        });
        let storage = self.storage.unwrap_or_else(|| {
            assumed.note(
                "storage",
                &defaults.storage.to_string(),
                &sizing_reason(source, 0),
            );
            defaults.storage
        });
        let persistent = self.persistent.unwrap_or_else(|| {
            let keeps = template.is_some_and(Template::keeps_data);
            if keeps {
                assumed.note(
                    "persistent",
                    "yes",
                    "a database must keep its data over restarts",
                );
            }
            keeps
        });
        let replicas = self.replicas.unwrap_or(1);
        let ports = if self.ports.is_empty() {
            let port = if template.is_some() {
                defaults.port
            } else {
                80
            };
            assumed.note(
                "ports",
                &port.to_string(),
                &format!("the usual port of {source}"),
            );
            vec![port]
        } else {
            self.ports.clone()
        };
        let duration = self.duration.unwrap_or_else(|| {
            assumed.note(
                "duration",
                &DEFAULT_DURATION.in_words(),
                "no duration was named; what is not used comes back",
            );
            DEFAULT_DURATION
        });
        let priority = self.priority.unwrap_or_default();
        if self.priority.is_none() {
            assumed.note("priority", "price", "no priority was named");
        }
        let requirements = Requirements {
            template,
            image: self.image.clone(),
            gpu,
            cpu,
            memory,
            storage,
            persistent,
            replicas,
            ports,
            env: self.env.clone(),
            duration,
            region: self.region,
            providers: self.providers.clone(),
            max_per_gpu_hour: self.max_per_gpu_hour,
            max_per_hour: self.max_per_hour,
            budget: self.budget,
            exclude_pricing: self.exclude_pricing.clone(),
            priority,
            deploy_to_akash: self.deploy_to_akash,
        };
        requirements.within_limits()?;
        for (field, reason) in &self.inferred {
            if let Some(value) = requirements.in_words(field) {
                assumed.note(field, &value, reason);
            }
        }
        Ok((requirements, assumed.0))
    }

    fn is_compute_only(&self) -> bool {
        self.cpu.is_some()
            || self.memory.is_some()
            || self.storage.is_some()
            || !self.ports.is_empty()
    }
}

#[derive(Default)]
struct Assumptions(Vec<Assumption>);

impl Assumptions {
    fn note(&mut self, field: &str, value: &str, reason: &str) {
        self.0.push(Assumption {
            field: field.to_owned(),
            value: value.to_owned(),
            reason: reason.to_owned(),
        });
    }
}

fn sizing_reason(source: &str, cards: u64) -> String {
    match cards {
        0 => format!("a usual size for {source}"),
        n => format!(
            "a usual size for {source} with {n} GPU{}",
            if n == 1 { "" } else { "s" }
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::requirements::{Template, Wish, WishError};
    use crate::resources::{Bytes, CpuMilli, GpuRequest};

    #[test]
    fn what_was_said_is_kept_and_the_rest_is_assumed_aloud() {
        let wish = Wish {
            template: Some(Template::Postgres),
            memory: Some(Bytes::gib(8)),
            ..Wish::default()
        };
        let (requirements, assumed) = wish.complete().unwrap();
        assert_eq!(requirements.memory, Bytes::gib(8));
        assert!(requirements.persistent);
        assert_eq!(requirements.ports, [5432]);
        let fields: Vec<_> = assumed.iter().map(|a| a.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "cpu",
                "storage",
                "persistent",
                "ports",
                "duration",
                "priority"
            ]
        );
    }

    #[test]
    fn what_a_model_proposed_is_an_assumption_with_its_reason() {
        let wish = Wish {
            template: Some(Template::Redis),
            memory: Some(Bytes::gib(16)),
            inferred: [("memory".to_owned(), "7B at 4 bit needs it".to_owned())].into(),
            ..Wish::default()
        };
        let (_, assumed) = wish.complete().unwrap();
        let memory = assumed.iter().find(|a| a.field == "memory").unwrap();
        assert_eq!(
            (memory.value.as_str(), memory.reason.as_str()),
            ("16Gi", "7B at 4 bit needs it")
        );
    }

    #[test]
    fn gpus_without_sizes_bring_cpu_and_memory_with_them() {
        let gpu = GpuRequest {
            vendor: None,
            model: None,
            count: 8,
            vram_gib: None,
            interface: None,
        };
        let (requirements, _) = Wish {
            gpu: Some(gpu),
            ..Wish::default()
        }
        .complete()
        .unwrap();
        assert_eq!(requirements.template, Some(Template::MlTraining));
        assert_eq!(requirements.cpu, CpuMilli(32_000));
        assert_eq!(requirements.memory, Bytes::gib(128));
    }

    #[test]
    fn nothing_to_run_is_one_clear_sentence() {
        assert_eq!(
            Wish::default().complete().unwrap_err(),
            WishError::NothingToRun
        );
    }
}
