// How the editor looks: the page's custom properties, so that both themes are the page's own.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const frame = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "var(--size-small)" },
  ".cm-content": { fontFamily: "var(--mono)", padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-dim)", border: "none", fontFamily: "var(--mono)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--shade)" },
  ".cm-scroller": { maxHeight: "min(60vh, 640px)", lineHeight: "1.5" },
  // The page frames the editor when it has the keyboard: the gutters would cover a frame of its own.
  "&.cm-focused": { outline: "none" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-wash)",
  },
  ".cm-secret, .cm-secret *": { WebkitTextSecurity: "disc" },
  ".cm-foldGutter .cm-gutterElement": { cursor: "pointer", padding: "0 4px" },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--shade)",
    border: "1px solid var(--line-strong)",
    color: "var(--ink-dim)",
    margin: "0 4px",
    padding: "0 4px",
  },
});

const popups = EditorView.theme({
  ".cm-tooltip": {
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    maxWidth: "min(420px, 92vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "240px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-completionInfo": { padding: "8px", fontFamily: "var(--sans)", lineHeight: "1.45", width: "280px" },
  ".cm-key-help": { padding: "8px", fontFamily: "var(--sans)", lineHeight: "1.45" },
  ".cm-key-help code": { display: "block", color: "var(--ink-dim)", overflowWrap: "anywhere" },
  ".cm-key-help p": { margin: "4px 0 0" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", padding: "6px 8px" },
  ".cm-diagnosticAction": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
    borderRadius: "2px",
    padding: "2px 8px",
    font: "inherit",
  },
});

const panels = EditorView.theme({
  ".cm-panels": { backgroundColor: "var(--shade)", color: "var(--ink)", fontFamily: "var(--sans)" },
  ".cm-panels.cm-panels-top, .cm-panels.cm-panels-bottom": { borderColor: "var(--line)" },
  ".cm-panel.cm-search": { padding: "8px 32px 8px 8px", display: "flex", flexWrap: "wrap", gap: "4px 8px", alignItems: "center" },
  ".cm-panel.cm-search br": { display: "none" },
  ".cm-panel.cm-search label": { fontSize: "var(--size-small)", display: "flex", alignItems: "center", gap: "4px", margin: "0" },
  ".cm-panel.cm-search input, .cm-panel.cm-search button": { margin: "0" },
  ".cm-textfield": {
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    padding: "4px 8px",
    fontSize: "var(--size-small)",
  },
  ".cm-button": {
    backgroundImage: "none",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    padding: "4px 8px",
    fontSize: "var(--size-small)",
  },
  ".cm-panel button[name=close]": { color: "var(--ink)", fontSize: "var(--size-title)", width: "28px", cursor: "pointer" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-wash)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--accent-wash)", outlineColor: "var(--accent)" },
  ".cm-selectionMatch": { backgroundColor: "var(--shade)" },
  "&.cm-merge-b .cm-changedLine, & .cm-insertedLine": { backgroundColor: "var(--good-wash)" },
  "&.cm-merge-b .cm-changedText": { background: "none", textDecoration: "underline", textDecorationColor: "var(--good)" },
  "& .cm-deletedChunk": { backgroundColor: "var(--bad-wash)", paddingLeft: "6px" },
  "& .cm-deletedChunk .cm-deletedText": { background: "none", textDecoration: "line-through", textDecorationColor: "var(--bad)" },
  "& .cm-deletedChunk .cm-chunkButtons": { insetInlineEnd: "4px" },
  "& .cm-deletedChunk .cm-chunkButtons button, & .cm-chunkButtons button": {
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    fontFamily: "var(--sans)",
    padding: "0 8px",
    minHeight: "26px",
    cursor: "pointer",
  },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--good)" },
  "& .cm-deletedLineGutter": { background: "var(--bad)" },
  "& .cm-collapsedLines": {
    background: "var(--shade)",
    color: "var(--ink-dim)",
    fontFamily: "var(--sans)",
    padding: "4px 8px",
  },
});

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
    { tag: [tags.string, tags.content], color: "var(--ink)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
    { tag: tags.comment, color: "var(--ink-dim)" },
    { tag: [tags.punctuation, tags.separator, tags.meta], color: "var(--ink-dim)" },
  ]),
);

export const look = [frame, popups, panels, colours];
