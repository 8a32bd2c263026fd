// Secrets in the text are hidden from a glance; the text itself, and what is copied from it, stays as it is.

import type { Extension } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { Language } from "./language.ts";

const secret = Decoration.mark({ class: "cm-secret" });

/** Hides the secrets that the page finds. */
export function hiddenSecrets(language: Language): Extension {
  const find = (view: EditorView): DecorationSet => {
    const places: [number, number][] = JSON.parse(language.secrets(view.state.doc.toString()));
    const inside = places.filter(([from, to]) => from < to && to <= view.state.doc.length);
    return Decoration.set(inside.map(([from, to]) => secret.range(from, to)));
  };
  return ViewPlugin.fromClass(
    class {
      places: DecorationSet;

      constructor(view: EditorView) {
        this.places = find(view);
      }

      update(update: ViewUpdate) {
        if (update.docChanged) {
          this.places = find(update.view);
        }
      }
    },
    { decorations: (plugin) => plugin.places },
  );
}
