//! From the words or the form of an order to its requirements, with the steps that show how.

use domain::journey::{Answer, Question, ThinkingKind, ThinkingStep};
use domain::requirements::{Assumption, Requirements, Wish, WishError};
use interpret::{Step, Understanding};

use crate::drafting::{Thoughts, agent};
use crate::{Backend, Order, Visitor};

/// The interpretation of an order's words or form.
#[derive(Debug, Clone)]
pub(crate) struct Understood {
    wish: Wish,
    decided: Option<(Requirements, Vec<Assumption>)>,
    question: Option<Question>,
    /// Sentence for the buyer that says why the order cannot be drafted; `None` if it can.
    pub(crate) refusal: Option<String>,
}

/// Interprets the sentence of `order`, or its form if it has no sentence. The cost of a model is
/// charged to `visitor`.
pub(crate) async fn understand(
    backend: &Backend,
    visitor: &Visitor,
    order: &Order,
    thoughts: &mut Thoughts,
) -> Understood {
    let text = order.sentence.as_deref().unwrap_or_default();
    let understanding = match &order.sentence {
        Some(sentence) => agent::read(backend, visitor, sentence, thoughts).await,
        None => from_form(&order.wish),
    };
    let completed = understanding.wish.complete();
    for step in interpret::steps(&understanding, text, completed.as_ref()) {
        if let Some((kind, text, evidence)) = told(step) {
            thoughts.add(kind, text, evidence);
        }
    }
    let refusal = match &completed {
        _ if understanding.unclear => understanding.question.clone(),
        Ok(_) => None,
        Err(WishError::NothingToRun) if understanding.question.is_some() => {
            understanding.question.clone()
        }
        // Impossible requests are refused before any question is asked: no answer would help.
        Err(error) => Some(error.to_string()),
    };
    let is_impossible = matches!(completed, Err(WishError::OutOfRange { .. }));
    let question = understanding.question.filter(|_| !is_impossible);
    let answers = understanding.answers.into_iter().map(|answer| Answer {
        title: answer.title,
        wish: answer.wish,
    });
    let answers = answers.collect();
    Understood {
        wish: understanding.wish,
        decided: completed.ok(),
        question: question.map(|text| Question { text, answers }),
        refusal,
    }
}

impl Understood {
    /// Writes the interpretation into the order.
    pub(crate) fn write_to(&self, order: &mut Order, steps: &[ThinkingStep]) {
        order.wish = self.wish.clone();
        order.steps = steps.to_vec();
        order.question.clone_from(&self.question);
        if let Some((requirements, assumptions)) = self.decided.clone() {
            order.name = name_of(&requirements);
            order.requirements = Some(requirements);
            order.assumptions = assumptions;
        }
    }
}

/// Returns a short name for lists: what runs, and on how many cards.
pub(crate) fn name_of(requirements: &Requirements) -> String {
    let what = match (&requirements.image, requirements.template) {
        (Some(image), _) => image_name(image),
        (None, Some(template)) => template.title().to_owned(),
        (None, None) => "Container".to_owned(),
    };
    let cards = requirements.gpu.as_ref().map(|gpu| {
        let model = gpu.model.as_ref().map_or("any GPU", |model| model.as_str());
        format!(
            ", {} × {model}",
            gpu.count.saturating_mul(requirements.replicas)
        )
    });
    format!("{what}{}", cards.unwrap_or_default())
}

/// `ghcr.io/acme/api:1.4.2` is shown as `api`.
fn image_name(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let name = last.split(['@', ':']).next().unwrap_or(last);
    name.chars().take(60).collect()
}

fn from_form(wish: &Wish) -> Understanding {
    Understanding {
        wish: wish.clone(),
        evidence: Vec::new(),
        set_aside: Vec::new(),
        question: None,
        answers: Vec::new(),
        unclear: false,
    }
}

fn told(step: Step) -> Option<(ThinkingKind, String, Option<String>)> {
    let said = |text: String| (!text.is_empty()).then_some(text);
    Some(match step {
        // The length of the text is of no use to a buyer.
        Step::Read { .. } => return None,
        Step::SetAside { text } => (
            ThinkingKind::SetAside,
            "Set aside an instruction: only what to run is taken from your words.".to_owned(),
            said(text),
        ),
        Step::Understood {
            field,
            value,
            evidence,
        } => (
            ThinkingKind::Understood,
            format!("{}: {value}", label(&field)),
            said(evidence),
        ),
        Step::Assumed {
            field,
            value,
            reason,
        } => (
            ThinkingKind::Assumed,
            format!("{}: {value}", label(&field)),
            said(reason),
        ),
        Step::Refused { reason } => (ThinkingKind::Refused, reason, None),
        Step::Asked { question } => (ThinkingKind::Asked, question, None),
    })
}

/// Returns a field's name for people.
pub(crate) fn label(field: &str) -> String {
    let known = match field {
        "template" => "Workload",
        "gpu" => "GPU",
        "cpu" => "CPU",
        "memory" | "memory_gib" => "Memory",
        "storage" | "storage_gib" => "Storage",
        "persistent" => "Storage survives restarts",
        "env" => "Environment",
        "duration" | "duration_hours" => "Duration",
        "budget" | "budget_usd" => "Budget",
        "max_per_hour" | "max_usd_per_hour" => "Most per hour",
        "max_per_gpu_hour" | "max_usd_per_gpu_hour" => "Most per GPU and hour",
        "providers" => "Only from",
        "exclude_pricing" => "Not wanted",
        "deploy_to_akash" => "Deploy to Akash",
        other => {
            let mut words = other.replace(['_', '.'], " ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            return words;
        }
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use domain::requirements::{Template, Wish};
    use domain::resources::GpuRequest;

    use super::{label, name_of};

    #[test]
    fn an_order_is_named_by_what_runs() {
        let named = |wish: Wish| name_of(&wish.complete().unwrap().0);
        let redis = Wish {
            template: Some(Template::Redis),
            ..Wish::default()
        };
        assert_eq!(named(redis), "Redis");
        let image = Wish {
            image: Some("registry.example:5000/acme/api:1.4.2@sha256:00".to_owned()),
            ..Wish::default()
        };
        assert_eq!(named(image), "api");
        let training = Wish {
            gpu: Some(GpuRequest {
                vendor: None,
                model: Some("h100".parse().unwrap()),
                count: 2,
                vram_gib: None,
                interface: None,
            }),
            replicas: Some(3),
            ..Wish::default()
        };
        assert_eq!(named(training), "ML training with GPU, 6 × h100");
    }

    #[test]
    fn every_field_has_a_name_for_people() {
        assert_eq!(label("memory_gib"), "Memory");
        assert_eq!(label("region"), "Region");
        assert_eq!(label("some_new.field"), "Some new field");
    }
}
