//! The parts of a section, found by name.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::ops::Deref;

use super::{Compute, DeployedService, Placement, Price, Service};
use crate::yaml::same;

/// A part of a section.
pub(crate) trait Part<'a> {
    /// Name of the part, unique within the section.
    fn name(&self) -> &'a str;

    /// Whether the other dialect certainly reads the part the same way and finds no fault in it
    /// either, so that it is read only once.
    fn is_alike(&self) -> bool;
}

macro_rules! part {
    ($($part:ident by $name:ident),*) => {
        $(impl<'a> Part<'a> for $part<'a> {
            fn name(&self) -> &'a str {
                self.$name.text
            }

            fn is_alike(&self) -> bool {
                self.alike
            }
        })*
    };
}

part!(Service by name, Compute by name, Placement by name, Price by profile, DeployedService by service);

/// The parts of a section in the order of the document.
#[derive(Debug)]
pub(crate) struct Named<'a, T> {
    parts: Vec<T>,
    /// The position of the part that was requested last.
    last: Cell<usize>,
    /// Index of the parts, built when they are first requested out of order.
    places: OnceCell<HashMap<&'a str, usize>>,
}

impl<'a, T: Part<'a>> Named<'a, T> {
    /// Parts with unique names.
    pub(super) fn new(parts: Vec<T>) -> Self {
        Self {
            parts,
            last: Cell::new(0),
            places: OnceCell::new(),
        }
    }

    pub(super) fn into_parts(self) -> Vec<T> {
        self.parts
    }

    /// The part with a name.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.place(name).map(|at| &self.parts[at])
    }

    /// The position of the part with a name.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        // Authors name things in one order throughout a document.
        let last = self.last.get();
        let is_it = |at: &usize| {
            let part = self.parts.get(*at);
            part.is_some_and(|part| same(part.name(), name))
        };
        let near = [last, last + 1, 0].into_iter().find(is_it);
        let at = near.or_else(|| self.places().get(name).copied())?;
        self.last.set(at);
        Some(at)
    }

    fn places(&self) -> &HashMap<&'a str, usize> {
        let names = || self.parts.iter().map(Part::name).zip(0..);
        self.places.get_or_init(|| names().collect())
    }
}

impl<T> Deref for Named<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.parts
    }
}

impl<'n, T> IntoIterator for &'n Named<'_, T> {
    type Item = &'n T;
    type IntoIter = std::slice::Iter<'n, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.parts.iter()
    }
}
