// What the page knows of the language, asked while typing. Every answer is JSON with places in UTF-16 units.

import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { type Diagnostic, linter } from "@codemirror/lint";
import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { EditorView, type KeyBinding, hoverTooltip, showTooltip, type Tooltip } from "@codemirror/view";

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

interface KeyHelp {
  from: number;
  to: number;
  path: string;
  help: string;
  values: string[];
}

interface Offered {
  from: number;
  to: number;
  options: { label: string; insert: string; detail: string }[];
}

/** Who knows the language. */
export interface Language {
  /** What is wrong with a text. */
  check(text: string): string;
  /** Where the secrets of a text stand, as pairs. */
  secrets(text: string): string;
  /** The help for the key at a place, or `null`. */
  help(text: string, at: number): string;
  /** What may stand at a place. */
  complete(text: string, at: number): string;
}

/** Findings, help and completion. */
export function assistance(language: Language): Extension {
  return [
    linter((view) => findings(language, view), { delay: 150 }),
    hoverTooltip((view, at) => tooltip(help(language, view, at)), { hoverTime: 300 }),
    helpAtCursor,
    autocompletion({
      override: [(context) => completions(language, context)],
      icons: false,
      maxRenderedOptions: 60,
    }),
  ];
}

/** F1 explains the key at the cursor to those who do not hover. */
export function helpKey(language: Language): KeyBinding {
  return {
    key: "F1",
    preventDefault: true,
    run(view) {
      const { from, text } = view.state.doc.lineAt(view.state.selection.main.head);
      const indent = text.search(/[^\s-]/);
      const found =
        help(language, view, view.state.selection.main.head) ?? help(language, view, from + Math.max(indent, 0));
      if (!found) {
        return false;
      }
      const words = [found.path, found.help, ...found.values].join(" ");
      view.dispatch({ effects: [showHelp.of(tooltip(found)), EditorView.announce.of(words)] });
      return true;
    },
  };
}

/** Takes the help away again. */
export const closeHelp: KeyBinding = {
  key: "Escape",
  run(view) {
    if (view.state.field(helpAtCursor) === null) {
      return false;
    }
    view.dispatch({ effects: showHelp.of(null) });
    return true;
  },
};

const showHelp = StateEffect.define<Tooltip | null>();

const helpAtCursor = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(showHelp)) {
        return effect.value;
      }
    }
    return transaction.docChanged || transaction.selection ? null : shown;
  },
  provide: (field) => showTooltip.from(field),
});

function help(language: Language, view: EditorView, at: number): KeyHelp | null {
  return JSON.parse(language.help(view.state.doc.toString(), at));
}

function tooltip(found: KeyHelp | null): Tooltip | null {
  if (!found) {
    return null;
  }
  return {
    pos: found.from,
    end: found.to,
    above: true,
    create() {
      const dom = element("div", "cm-key-help", "");
      dom.append(element("code", "", found.path), element("p", "", found.help));
      if (found.values.length > 0) {
        dom.append(element("p", "", `One of: ${found.values.join(", ")}`));
      }
      return { dom };
    },
  };
}

function element(name: string, className: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function completions(language: Language, context: CompletionContext): CompletionResult | null {
  const before = context.state.sliceDoc(Math.max(0, context.pos - 2), context.pos);
  // Not by itself on an empty line, where Enter is to make the next one.
  if (!context.explicit && !/[\w"'./-]$/.test(before) && before !== ": ") {
    return null;
  }
  const offered: Offered = JSON.parse(language.complete(context.state.doc.toString(), context.pos));
  const typed = context.state.sliceDoc(offered.from, offered.to);
  const options = offered.options.map((option): Completion => {
    const completion: Completion = { label: option.label, apply: option.insert };
    return option.detail ? { ...completion, info: option.detail } : completion;
  });
  if (options.length === 0 || (options.length === 1 && options[0]?.label === typed)) {
    return null;
  }
  return { from: offered.from, to: offered.to, options, filter: false };
}

function findings(language: Language, view: EditorView): Diagnostic[] {
  const length = view.state.doc.length;
  const found: Finding[] = JSON.parse(language.check(view.state.doc.toString()));
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
