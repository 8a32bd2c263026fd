//! Preserves what was typed before the page was interactive.

use js_sys::{Array, Function, Object, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement};

/// The fields that were edited, and the one that has focus.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    changed: Vec<(Place, Content)>,
    focused: Option<(Place, JsValue)>,
    /// Positions of the open `details` elements.
    open: Vec<u32>,
}

/// Identifies a field so that it can be found again in another rendering of the same page.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Tag of the element, plus its id or name.
    name: String,
    /// Index among the elements of the same name.
    number: usize,
}

#[derive(Debug)]
enum Content {
    Text(JsValue),
    Checked(JsValue),
}

const FIELDS: &str = "input, textarea, select";

impl Fields {
    /// Collects the edited fields in `root`.
    pub(crate) fn of(root: &Element) -> Self {
        let active = document().active_element();
        let mut fields = Self::default();
        for (place, field) in places(root) {
            if let Some(content) = changed(&field) {
                fields.changed.push((place.clone(), content));
            }
            if active.as_ref() == Some(&field) {
                fields.focused = Some((place, get(&field, "selectionEnd")));
            }
        }
        let folds = elements(root, "details").enumerate();
        fields.open = folds
            .filter(|(_, fold)| fold.has_attribute("open"))
            .filter_map(|(at, _)| u32::try_from(at).ok())
            .collect();
        fields
    }

    /// Restores the content and notifies the application.
    pub(crate) fn give_back(self, root: &Element) {
        let now: Vec<_> = places(root).collect();
        let find = |wanted: &Place| {
            let found = now.iter().find(|(place, _)| place == wanted);
            found.map(|(_, field)| field)
        };
        let folds: Vec<_> = elements(root, "details").collect();
        for at in self.open {
            if let Some(fold) = folds.get(at as usize) {
                fold.set_attribute("open", "").unwrap_or_default();
            }
        }
        for (place, content) in self.changed {
            let Some(field) = find(&place) else { continue };
            match content {
                Content::Text(text) => set(field, "value", &text),
                Content::Checked(checked) => set(field, "checked", &checked),
            }
            for event in ["input", "change"].into_iter().filter_map(event) {
                field.dispatch_event(&event).unwrap_or_default();
            }
        }
        if let Some((place, caret)) = self.focused
            && let Some(field) = find(&place)
            && document().active_element().as_ref() != Some(field)
        {
            field
                .unchecked_ref::<HtmlElement>()
                .focus()
                .unwrap_or_default();
            if !caret.is_null() && !caret.is_undefined() {
                set(field, "selectionStart", &caret);
                set(field, "selectionEnd", &caret);
            }
        }
    }
}

/// The content of a field if it differs from what the page came with.
fn changed(field: &Element) -> Option<Content> {
    let differs = |now: &str, first: &str| {
        let value = get(field, now);
        (value != get(field, first)).then_some(value)
    };
    if field.tag_name() == "SELECT" {
        let chosen = field.query_selector("option[selected]").ok().flatten();
        let first = chosen.map_or(JsValue::NULL, |option| get(&option, "value"));
        let value = get(field, "value");
        return (value != first).then_some(Content::Text(value));
    }
    match field.get_attribute("type").as_deref() {
        Some("checkbox" | "radio") => differs("checked", "defaultChecked").map(Content::Checked),
        // A file cannot be restored, and hidden content was not typed.
        Some("file" | "hidden" | "submit" | "button") => None,
        _ => differs("value", "defaultValue").map(Content::Text),
    }
}

fn places(root: &Element) -> impl Iterator<Item = (Place, Element)> {
    let mut seen: Vec<String> = Vec::new();
    elements(root, FIELDS).map(move |field| {
        let name = ["id", "name", "data-testid"]
            .iter()
            .find_map(|attribute| field.get_attribute(attribute))
            .unwrap_or_default();
        let name = format!("{}#{name}", field.tag_name());
        let number = seen.iter().filter(|other| **other == name).count();
        seen.push(name.clone());
        (Place { name, number }, field)
    })
}

fn elements(root: &Element, selector: &str) -> impl Iterator<Item = Element> + use<> {
    let query = get(root, "querySelectorAll").dyn_into::<Function>();
    let found = query.and_then(|query| query.call1(root, &selector.into()));
    let found = found.map_or_else(|_| Array::new(), |found| Array::from(&found));
    found
        .into_iter()
        .filter_map(|element| element.dyn_into().ok())
}

/// Creates an event that bubbles.
fn event(kind: &str) -> Option<Event> {
    let init = Object::new();
    Reflect::set(&init, &"bubbles".into(), &JsValue::TRUE).ok()?;
    let make: Function = Reflect::get(&window(), &"Event".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let event = Reflect::construct(&make, &Array::of2(&kind.into(), &init)).ok()?;
    event.dyn_into().ok()
}

fn get(element: &Element, name: &str) -> JsValue {
    Reflect::get(element, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn set(element: &Element, name: &str, value: &JsValue) {
    // A field that rejects the value stays as it is.
    Reflect::set(element, &name.into(), value).unwrap_or_default();
}
