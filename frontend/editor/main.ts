// The SDL editor: CodeMirror over the page's text area, driven by the page's own knowledge of the language.

import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, codeFolding, foldAll, foldGutter, foldKeymap, indentUnit, unfoldAll } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import {
  type Command,
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { comparison } from "./compare.ts";
import { type Language, assistance, closeHelp, helpKey } from "./language.ts";
import { look } from "./look.ts";
import { hiddenSecrets } from "./secrets.ts";

interface Options extends Language {
  host: HTMLElement;
  textarea: HTMLTextAreaElement;
  text: string;
  nonce: string;
  changed(text: string): void;
}

export interface Handle {
  setText(text: string): void;
  setReadOnly(readOnly: boolean): void;
  reveal(revealed: boolean): void;
  compare(original: string | null): void;
  run(command: string): void;
  destroy(): void;
}

const commands: Record<string, Command> = {
  undo,
  redo,
  find: openSearchPanel,
  fold: foldAll,
  unfold: unfoldAll,
};

/** Puts the editor in place of the text area, which keeps the text for a plain form. */
export function mount(options: Options): Handle {
  const readOnly = new Compartment();
  const compared = new Compartment();
  const hidden = new Compartment();
  let lineEnd = lineEndOf(options.text);
  const view = new EditorView({
    parent: options.host,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        EditorView.cspNonce.of(options.nonce),
        readOnly.of([]),
        compared.of([]),
        hidden.of(hiddenSecrets(options)),
        lineNumbers(),
        lintGutter(),
        codeFolding(),
        foldGutter(),
        history(),
        drawSelection(),
        indentUnit.of("  "),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        search({ top: true }),
        yaml(),
        look,
        assistance(options),
        keymap.of([
          helpKey(options),
          closeHelp,
          ...completionKeymap,
          ...closeBracketsKeymap,
          ...foldKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...lintKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        // Tab indents; Escape first lets it move on, as people who use the keyboard alone expect.
        EditorView.contentAttributes.of({
          "aria-label": "SDL. F1 explains a key, Control and Space complete it. Press Escape, then Tab, to leave the editor.",
          tabindex: "0",
          spellcheck: "false",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) {
            const text = update.state.doc.toString();
            options.textarea.value = text;
            options.changed(lineEnd === "\n" ? text : text.replaceAll("\n", lineEnd));
          }
        }),
      ],
    }),
  });
  options.textarea.hidden = true;
  return {
    setText(text) {
      lineEnd = lineEndOf(text);
      replace(view, text);
    },
    setReadOnly(value) {
      view.dispatch({ effects: readOnly.reconfigure(value ? [EditorState.readOnly.of(true)] : []) });
    },
    reveal(value) {
      view.dispatch({ effects: hidden.reconfigure(value ? [] : hiddenSecrets(options)) });
    },
    compare(original) {
      view.dispatch({ effects: compared.reconfigure(comparison(original, view.state.doc)) });
    },
    run(command) {
      commands[command]?.(view);
      if (command !== "find") {
        view.focus();
      }
    },
    destroy() {
      options.textarea.hidden = false;
      view.destroy();
    },
  };
}

/** CodeMirror keeps lines and forgets how they ended: people's line ends are given back. */
function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** Changes only what differs, so that the cursor, folds and the history of the rest stay. */
function replace(view: EditorView, text: string): void {
  const now = view.state.doc.toString();
  const next = text.replace(/\r\n?/g, "\n");
  if (now === next) {
    return;
  }
  const shorter = Math.min(now.length, next.length);
  let from = 0;
  while (from < shorter && now[from] === next[from]) {
    from += 1;
  }
  let kept = 0;
  while (kept < shorter - from && now[now.length - 1 - kept] === next[next.length - 1 - kept]) {
    kept += 1;
  }
  view.dispatch({ changes: { from, to: now.length - kept, insert: next.slice(from, next.length - kept) } });
}
