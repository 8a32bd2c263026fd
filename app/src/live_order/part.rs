//! A part of an order that only notifies when it changes itself.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use domain::journey::OrderView;
use leptos::prelude::*;

/// A value computed from the order, compared with its predecessor by `==`.
///
/// All types share one kind of memo: a memo per type would be several kilobytes of WASM each, and the first
/// visit has a size budget.
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
    /// Creates the part that `pick` selects from the order.
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

    /// Applies `look` to the value, and tracks it.
    pub(crate) fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(self.shown.get().value())
    }

    /// Returns a copy of the value, and tracks it.
    pub(crate) fn get(self) -> T
    where
        T: Clone,
    {
        self.shown.get().value::<T>().clone()
    }

    /// Like [`Self::get`], but returns `None` if the component that it belongs to is gone: an effect that
    /// also tracks something longer-lived then runs once more.
    pub(crate) fn try_get(self) -> Option<T>
    where
        T: Clone,
    {
        Some(self.shown.try_get()?.value::<T>().clone())
    }

    /// Returns a copy of the current value without tracking it.
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
        // Calls the method of the `Arc`'s content, because the `Arc` itself is a `Value` too.
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
