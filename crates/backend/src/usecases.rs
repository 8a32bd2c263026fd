//! The requests that people can make, one file per verb.

mod accept_bid;
mod auto_sign;
#[cfg(test)]
pub(crate) mod auto_sign_tests;
mod cancel_deposit;
mod cancel_payment;
mod chain_view;
mod change_wish;
mod choose_acceptance;
mod close_deployment;
pub(crate) mod delete_order;
mod describe;
mod drip_gas;
mod faucet_call;
mod generate_secrets;
pub(crate) mod import;
mod job_counts;
mod keep_draft;
mod limits;
mod list_orders;
mod market_words;
mod operate;
mod own_templates;
mod prepare_deposit;
mod prepare_top_up;
mod read_logs;
mod readiness;
mod redeploy;
mod relax_order;
mod relay_deposit;
#[cfg(test)]
mod relay_tests;
mod relay_top_up;
mod report_transaction;
#[cfg(test)]
mod request_tests;
mod requote;
mod save_sdl;
mod show_market;
mod show_order;
mod templates;
#[cfg(test)]
mod top_up_tests;
mod update_deployment;
mod watch;

pub use accept_bid::accept_bid;
pub use auto_sign::{
    arm_policy, auto_sign_on, disarm_policy, prepare_keep, prepare_policy, prepare_withdrawal,
    set_pace, show_auto_sign,
};
pub use cancel_deposit::cancel_deposit;
pub use cancel_payment::cancel_payment;
pub use chain_view::chain_view;
pub use change_wish::change_wish;
pub use choose_acceptance::choose_acceptance;
pub use close_deployment::close_deployment;
pub use delete_order::delete_order;
pub use describe::{Request, describe, describe_from};
pub use drip_gas::drip_gas;
pub use faucet_call::faucet_call;
pub use generate_secrets::generate_secrets;
pub use job_counts::{JobCounts, WaitingJobs, job_counts};
pub use keep_draft::keep_draft;
pub use list_orders::list_orders;
pub use market_words::market_words;
pub(crate) use operate::in_words;
pub use operate::{
    Exposure, Lies, Outside, Sight, StrayMoney, StuckOrder, operator_sight, resume_order,
    retry_job, sight,
};
pub use own_templates::{delete_template, rename_template, save_template};
pub use prepare_deposit::prepare_deposit;
pub use prepare_top_up::prepare_top_up;
pub use read_logs::{read_logs, read_whole_log};
pub use readiness::{Readiness, readiness};
pub use redeploy::redeploy;
pub use relax_order::{redeploy_relaxed, relaxations};
pub use relay_deposit::relay_deposit;
pub use relay_top_up::relay_top_up;
pub use report_transaction::report_transaction;
pub use requote::requote;
pub use save_sdl::save_sdl;
pub use show_market::{
    keep_market_current, show_decision, show_market, show_routing, watch_market,
};
pub use show_order::show_order;
pub use templates::{list_templates, open_template};
pub use update_deployment::update_deployment;
pub use watch::{Watched, watch};
