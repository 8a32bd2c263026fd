//! Recognises whether data must survive a restart: “persistent”, “must survive restarts”,
//! “ephemeral”.

use domain::requirements::Wish;

use crate::reading::Reading;

#[rustfmt::skip]
const PERSISTENT: &[&str] = &[
    "persistent", "persist", "persists", "persisted", "persistence", "durable", "persistente",
    "persistenter", "persistentem", "persistenten", "survive restarts", "survives restarts",
    "survive a restart", "survives a restart", "keep the data", "keep my data", "keeps its data",
    "keep its data", "keep data", "keeps data", "permanent storage", "permanent disk",
    "dauerhaft speichern", "dauerhafter speicher", "must not lose data", "dont lose data",
    "dont lose my data", "not lose data", "not lose my data", "survive reboots",
    "almacenamiento permanente", "persistencia", "persistieren", "persistenz",
    "conservar los datos", "daten behalten", "without losing data", "data must survive",
    "survives reboots", "never lose data", "stateful", "dauerhaftem speicher", "permanent volume",
    "persistently",
];
#[rustfmt::skip]
const TRANSIENT: &[&str] = &[
    "ephemeral", "non persistent", "not persistent", "no persistence", "temporary storage",
    "scratch", "can lose data", "data can be lost", "fluchtig", "efimero", "efimera", "stateless",
    "without persistence", "throwaway", "no persistent", "ephemeren", "nicht persistent",
    "sin persistencia", "no need to persist", "losing data is fine", "nothing persistent",
    "nothing to persist", "nothing needs to persist", "nichts dauerhaftes", "nada persistente",
];

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    // The size recogniser has taken “50Gi persistent storage”: its words are read again here.
    let source = reading.source;
    let again = Reading::new(source);
    for i in 0..again.len() {
        let token = again.token(i);
        let found = match (
            again.any_phrase(i, TRANSIENT),
            again.any_phrase(i, PERSISTENT),
        ) {
            (Some(to), _) => Some((false, to)),
            (None, Some(to)) => Some((!again.is_refused(i, to), to)),
            (None, None) => None,
        };
        let Some((value, to)) = found else { continue };
        let Some(first) = token else { continue };
        if reading.is_set_aside(first.from) {
            continue;
        }
        wish.persistent = Some(value);
        reading.note("persistent", i, to);
        return;
    }
}
