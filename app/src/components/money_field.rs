//! Input for an amount of money, validated while typing.

use domain::money::{TokenAmount, Usd};
use leptos::prelude::*;

use super::figures::exact;

/// State of the input: the typed text and the available amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Money {
    text: RwSignal<String>,
    most: Signal<Option<TokenAmount>>,
}

impl Money {
    /// Creates an empty input; `most` is the available amount, if known.
    pub(crate) fn of_at_most(most: Signal<Option<TokenAmount>>) -> Self {
        Self {
            text: RwSignal::new(String::new()),
            most,
        }
    }

    /// The amount; `None` unless a valid one is typed.
    pub(crate) fn amount(self) -> Option<TokenAmount> {
        self.text
            .with(|text| read(text, self.most.get()).ok().flatten())
    }

    /// Clears the input once `is_paid`.
    pub(crate) fn clear_once(self, is_paid: Signal<bool>) {
        Effect::new(move |was: Option<bool>| {
            let is = is_paid.get();
            if is && was == Some(false) {
                self.text.set(String::new());
            }
            is
        });
    }

    fn wrong(self) -> Option<String> {
        self.text.with(|text| read(text, self.most.get()).err())
    }
}

/// Parses the text; `None` if it is empty.
///
/// # Errors
/// One sentence for the user if the text is not a valid amount.
fn read(text: &str, most: Option<TokenAmount>) -> Result<Option<TokenAmount>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let usd = text
        .trim()
        .parse::<Usd>()
        .map_err(|error| error.to_string())?;
    match (TokenAmount::from_usd(usd), most) {
        (TokenAmount::ZERO, _) => Err("Enter more than nothing.".to_owned()),
        (amount, Some(most)) if amount > most => {
            Err(format!("That is more than you have: {}.", exact(most)))
        }
        (amount, _) => Ok(Some(amount)),
    }
}

/// Input with the available amount, and the error if there is one.
#[component]
pub(crate) fn MoneyField(
    /// State of the input.
    money: Money,
    /// Label of the field.
    label: &'static str,
    /// The field's name in tests.
    testid: &'static str,
    /// `true` while the amount cannot be changed.
    #[prop(into)]
    locked: Signal<bool>,
    /// Sentence on the effect of the typed amount; `None` to show the available amount instead.
    #[prop(into)]
    meaning: Signal<Option<String>>,
    /// Called after every change of the text.
    on_change: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let note = format!("{testid}-note");
    let described = note.clone();
    let has = move || {
        money
            .most
            .get()
            .map(|most| format!("You have {}.", exact(most)))
    };
    let is_wrong = Memo::new(move |_| money.wrong().is_some());
    let said = move || money.wrong().or_else(|| meaning.get()).or_else(has);
    view! {
        <div class="money-field">
            <label class="field">
                <span>{label}</span>
                <input
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    data-testid=testid
                    aria-describedby=described
                    aria-invalid=move || is_wrong.get().then_some("true")
                    disabled=locked
                    prop:value=move || money.text.get()
                    on:input:target=move |event| {
                        money.text.set(event.target().value());
                        on_change();
                    }
                />
            </label>
            <small id=note.clone() data-testid=note data-tone=move || is_wrong.get().then_some("bad") aria-live="polite">{said}</small>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use domain::money::TokenAmount;

    #[test]
    fn an_amount_is_what_was_typed_or_refused_with_a_sentence() {
        let have = Some(TokenAmount::from_micros(12_400_000));
        let micros = |text| read(text, have).map(|amount| amount.map(TokenAmount::micros));
        assert_eq!(micros(" "), Ok(None));
        assert_eq!(micros("5"), Ok(Some(5_000_000)));
        assert_eq!(micros("12.4"), Ok(Some(12_400_000)));
        assert_eq!(micros("0.00"), Err("Enter more than nothing.".to_owned()));
        let more = "That is more than you have: 12.40 tUSDC.".to_owned();
        assert_eq!(micros("12.400001"), Err(more));
        for text in ["0,5", "1e5", "-1", "5 5", "1,304.53", "0x5", "NaN"] {
            assert!(micros(text).is_err(), "{text}");
        }
    }
}
