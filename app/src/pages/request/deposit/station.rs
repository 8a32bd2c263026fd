//! Decides the next step of the deposit.

use domain::money::TokenAmount;

/// A step of the deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Station {
    /// There is no price to pay.
    NoPrice,
    /// No wallet is connected.
    Connect,
    /// The chain is not known yet.
    AskingChain,
    /// The wallet is on another chain.
    Switch,
    /// The account must be proved by signing in.
    SignIn,
    /// The account's balances are being read.
    Reading,
    /// Test tokens or gas are missing.
    GetTokens,
    /// The deposit can be signed, or was sent and may still arrive.
    Pay,
    /// The order is paid.
    Paid,
}

/// Facts that decide the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) is_paid: bool,
    pub(super) deposit: Option<TokenAmount>,
    /// Chain id of the wallet; `None` if no wallet is connected.
    pub(super) on_chain: Option<u64>,
    pub(super) wanted_chain: Option<u64>,
    pub(super) is_signed_in: bool,
    /// Token balance of the account, and whether it has gas; `None` until both were read.
    pub(super) holds: Option<(TokenAmount, bool)>,
    /// `true` if the account pays its own gas.
    pub(super) needs_gas: bool,
    /// `true` if a deposit was sent and may still arrive.
    pub(super) is_sent: bool,
}

impl Station {
    /// The stations that the buyer sees.
    pub(super) const STOPS: [(&'static str, Self); 4] = [
        ("Wallet", Self::Connect),
        ("Sign in", Self::SignIn),
        ("Test USDC", Self::GetTokens),
        ("Deposit", Self::Pay),
    ];

    /// Whether this station is behind, here or ahead, if `now` is the current step.
    pub(super) fn progress(self, now: Self) -> &'static str {
        let stop = Self::STOPS
            .into_iter()
            .map(|(_, stop)| stop)
            .filter(|stop| *stop <= now)
            .max();
        match stop {
            Some(current) if self == current && now != Self::Paid => "now",
            Some(current) if self <= current => "done",
            _ => "ahead",
        }
    }
}

impl Facts {
    /// The next step.
    pub(super) fn station(self) -> Station {
        let Some(deposit) = self.deposit else {
            return Station::NoPrice;
        };
        if self.is_paid {
            return Station::Paid;
        }
        let Some(on_chain) = self.on_chain else {
            return Station::Connect;
        };
        match self.wanted_chain {
            None => return Station::AskingChain,
            Some(wanted) if wanted != on_chain => return Station::Switch,
            Some(_) => {}
        }
        if !self.is_signed_in {
            return Station::SignIn;
        }
        if self.is_sent {
            return Station::Pay;
        }
        match self.holds {
            None => Station::Reading,
            Some((token, has_gas)) if token < deposit || (self.needs_gas && !has_gas) => {
                Station::GetTokens
            }
            Some(_) => Station::Pay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, Station};
    use domain::money::TokenAmount;

    const READY: Facts = Facts {
        is_paid: false,
        deposit: Some(TokenAmount::from_micros(5)),
        on_chain: Some(99_999),
        wanted_chain: Some(99_999),
        is_signed_in: true,
        holds: Some((TokenAmount::from_micros(5), true)),
        needs_gas: true,
        is_sent: false,
    };

    #[test]
    fn each_missing_thing_has_its_station() {
        let poor = Some((TokenAmount::from_micros(4), true));
        let dry = Some((TokenAmount::from_micros(9), false));
        let cases = [
            (READY, Station::Pay),
            (
                Facts {
                    deposit: None,
                    ..READY
                },
                Station::NoPrice,
            ),
            (
                Facts {
                    on_chain: None,
                    ..READY
                },
                Station::Connect,
            ),
            (
                Facts {
                    wanted_chain: None,
                    ..READY
                },
                Station::AskingChain,
            ),
            (
                Facts {
                    on_chain: Some(1),
                    ..READY
                },
                Station::Switch,
            ),
            (
                Facts {
                    is_signed_in: false,
                    ..READY
                },
                Station::SignIn,
            ),
            (
                Facts {
                    holds: None,
                    ..READY
                },
                Station::Reading,
            ),
            (
                Facts {
                    holds: poor,
                    ..READY
                },
                Station::GetTokens,
            ),
            (
                Facts {
                    holds: dry,
                    ..READY
                },
                Station::GetTokens,
            ),
            (
                Facts {
                    holds: dry,
                    needs_gas: false,
                    ..READY
                },
                Station::Pay,
            ),
            (
                Facts {
                    holds: poor,
                    is_sent: true,
                    ..READY
                },
                Station::Pay,
            ),
            (
                Facts {
                    is_paid: true,
                    ..READY
                },
                Station::Paid,
            ),
        ];
        for (facts, station) in cases {
            assert_eq!(facts.station(), station, "{facts:?}");
        }
    }

    #[test]
    fn stops_behind_are_ticked_off() {
        assert_eq!(Station::Connect.progress(Station::SignIn), "done");
        assert_eq!(Station::SignIn.progress(Station::SignIn), "now");
        assert_eq!(Station::SignIn.progress(Station::Reading), "now");
        assert_eq!(Station::Pay.progress(Station::SignIn), "ahead");
        assert_eq!(Station::Pay.progress(Station::Paid), "done");
        assert_eq!(Station::Connect.progress(Station::NoPrice), "ahead");
    }
}
