// What differs from an earlier text, in place, each difference with a button that puts the old lines back.

import { unifiedMergeView } from "@codemirror/merge";
import type { Extension } from "@codemirror/state";

/** Shows the differences from `original`; nothing without one. */
export function comparison(original: string | null): Extension {
  if (original === null) {
    return [];
  }
  return unifiedMergeView({
    original,
    gutter: true,
    highlightChanges: true,
    syntaxHighlightDeletions: false,
    collapseUnchanged: { margin: 3, minSize: 6 },
    mergeControls(kind, act) {
      // Taking a difference over would change the earlier text, which is not ours.
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Put back";
      button.hidden = kind === "accept";
      button.addEventListener("mousedown", act);
      button.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          button.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
          event.preventDefault();
        }
      });
      return button;
    },
  });
}
