//! Today's payments from the prepaid balance.

use domain::journey::KeptSpend;
use leptos::prelude::*;

use super::account::Account;
use crate::components::figures::{Instant, tokens};

/// The paid orders, newest first.
#[component]
pub(super) fn Spends() -> impl IntoView {
    let spends = Account::here().part(|known| known.spends.clone());
    view! {
        <section class="panel" aria-label="Paid today">
            <h2>"Paid today"</h2>
            {move || {
                let spends = spends.get();
                if spends.is_empty() {
                    return view! { <p class="dim">"Nothing was paid from the prepaid balance today."</p> }.into_any();
                }
                view! {
                    <table class="table cards" data-testid="spends">
                        <thead>
                            <tr>
                                <th scope="col">"Order"</th>
                                <th scope="col">"State"</th>
                                <th scope="col" class="num">"Amount"</th>
                                <th scope="col" class="num">"When"</th>
                            </tr>
                        </thead>
                        <tbody>{spends.into_iter().map(|spend| view! { <Spend spend/> }).collect_view()}</tbody>
                    </table>
                }
                .into_any()
            }}
        </section>
    }
}

#[component]
fn Spend(
    /// The order that was paid.
    spend: KeptSpend,
) -> impl IntoView {
    let (page, state) = match spend.paid {
        true => (format!("/deployments/{}", spend.order), "Paid"),
        false => (format!("/?order={}", spend.order), "Not in escrow"),
    };
    view! {
        <tr>
            <th scope="row" data-label="Order"><span><a href=page>{spend.name}</a> " " <span class="dim mono">{spend.order.short()}</span></span></th>
            <td data-label="State">{state}</td>
            <td data-label="Amount" class="num">{tokens(spend.amount, 6)}</td>
            <td data-label="When" class="num dim"><Instant at=spend.at/></td>
        </tr>
    }
}
