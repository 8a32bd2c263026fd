//! A part of an order that changes only when that part does.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use domain::journey::OrderView;
use leptos::prelude::*;

/// A value computed from the order, told apart from its predecessor by `==`.
///
/// Behind it is one kind of memo for all types: a memo per type is several kilobytes of WASM each,
/// and the first visit has a budget.
pub(crate) struct Part<T> {
    shown: Memo<Shown>,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for Part<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Part<T> {}

impl<T> fmt::Debug for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Part")
    }
}

impl<T: PartialEq + Send + Sync + 'static> Part<T> {
    /// What `pick` finds in the order.
    pub(super) fn new(
        order: RwSignal<OrderView>,
        pick: impl Fn(&OrderView) -> T + Send + Sync + 'static,
    ) -> Self {
        let pick = Box::new(move |order: &OrderView| Shown(Arc::new(pick(order))));
        Self {
            shown: memo(order, pick),
            value: PhantomData,
        }
    }

    /// Looks at it, and again when it changes.
    pub(crate) fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(self.shown.get().value())
    }

    /// A copy of it; asks for the next one when it changes.
    pub(crate) fn get(self) -> T
    where
        T: Clone,
    {
        self.shown.get().value::<T>().clone()
    }

    /// The same in an effect, which may still run once after its page has ended: `None` then.
    pub(crate) fn try_get(self) -> Option<T>
    where
        T: Clone,
    {
        let shown = self.shown.try_get()?;
        Some(shown.value::<T>().clone())
    }

    /// A copy of it as it is now.
    pub(crate) fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.shown.get_untracked().value::<T>().clone()
    }
}

type Pick = Box<dyn Fn(&OrderView) -> Shown + Send + Sync>;

fn memo(order: RwSignal<OrderView>, pick: Pick) -> Memo<Shown> {
    Memo::new(move |_| order.with(|order| pick(order)))
}

#[derive(Clone)]
struct Shown(Arc<dyn Value>);

impl Shown {
    fn value<T: 'static>(&self) -> &T {
        // Of what the Arc holds: the Arc is a value, too.
        (*self.0)
            .as_any()
            .downcast_ref()
            .expect("a part is only read as the type it was made with")
    }
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        (*self.0).is_same((*other.0).as_any())
    }
}

trait Value: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is_same(&self, other: &dyn Any) -> bool;
}

impl<T: PartialEq + Send + Sync + 'static> Value for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>() == Some(self)
    }
}
