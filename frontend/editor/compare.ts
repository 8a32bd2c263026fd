// What differs from an earlier text, in place, each difference with a button that puts the old lines back.

import { unifiedMergeView } from "@codemirror/merge";
import { type Extension, Text } from "@codemirror/state";

/** Shows how `now` differs from `original`; nothing without one. */
export function comparison(original: string | null, now: Text): Extension {
  if (original === null) {
    return [];
  }
  // Of two texts that are the same nothing would be left to see.
  const isSame = Text.of(original.split(/\r\n?|\n/)).eq(now);
  return unifiedMergeView({
    original,
    gutter: true,
    highlightChanges: true,
    syntaxHighlightDeletions: false,
    ...(isSame ? {} : { collapseUnchanged: { margin: 3, minSize: 6 } }),
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
