// The SDL editor: CodeMirror over the page's text area, with findings from the page's own checker.

import { autocompletion, closeBrackets } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, linter, lintKeymap } from "@codemirror/lint";
import { searchKeymap, highlightSelectionMatches } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

interface Edit {
  from: number;
  to: number;
  insert: string;
}

interface Finding {
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
  message: string;
  source: string;
  fix: { title: string; edits: Edit[] } | null;
}

interface Options {
  host: HTMLElement;
  textarea: HTMLTextAreaElement;
  text: string;
  nonce: string;
  check(text: string): string;
  changed(text: string): void;
}

export interface Handle {
  setText(text: string): void;
  setReadOnly(readOnly: boolean): void;
  destroy(): void;
}

// The page's custom properties, so that both themes are the page's own.
const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "var(--size-small)" },
  ".cm-content": { fontFamily: "var(--mono)", padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-dim)", border: "none", fontFamily: "var(--mono)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--shade)" },
  ".cm-scroller": { maxHeight: "min(60vh, 640px)", lineHeight: "1.5" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-wash)",
  },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line-strong)" },
  ".cm-panels": { backgroundColor: "var(--shade)", color: "var(--ink)" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--on-accent)", borderRadius: "2px" },
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

/** Puts the editor in place of the text area, which keeps the text for a plain form. */
export function mount(options: Options): Handle {
  const readOnly = new Compartment();
  const view = new EditorView({
    parent: options.host,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        EditorView.cspNonce.of(options.nonce),
        readOnly.of([]),
        lineNumbers(),
        history(),
        drawSelection(),
        indentUnit.of("  "),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        yaml(),
        colours,
        look,
        lintGutter(),
        linter((view) => findings(options, view), { delay: 150 }),
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap, indentWithTab]),
        // Tab indents; Escape first lets it move on, as people who use the keyboard alone expect.
        EditorView.contentAttributes.of({
          "aria-label": "SDL. Press Escape, then Tab, to leave the editor.",
          tabindex: "0",
          spellcheck: "false",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) {
            const text = update.state.doc.toString();
            options.textarea.value = text;
            options.changed(text);
          }
        }),
      ],
    }),
  });
  options.textarea.hidden = true;
  return {
    setText(text) {
      if (text !== view.state.doc.toString()) {
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      }
    },
    setReadOnly(value) {
      view.dispatch({ effects: readOnly.reconfigure(value ? [EditorState.readOnly.of(true)] : []) });
    },
    destroy() {
      options.textarea.hidden = false;
      view.destroy();
    },
  };
}

function findings(options: Options, view: EditorView): Diagnostic[] {
  const length = view.state.doc.length;
  const found: Finding[] = JSON.parse(options.check(view.state.doc.toString()));
  return found.map((finding) => ({
    from: Math.min(finding.from, length),
    to: Math.min(finding.to, length),
    severity: finding.severity,
    message: finding.message,
    source: finding.source,
    actions: finding.fix ? [action(finding.fix)] : [],
  }));
}

function action(fix: { title: string; edits: Edit[] }) {
  return {
    name: fix.title,
    apply(view: EditorView) {
      view.dispatch({ changes: fix.edits, userEvent: "input.fix" });
    },
  };
}
