//! Text from outside, rendered block by block. None of it becomes markup.

use domain::prose::{Block, Inline};
use leptos::prelude::*;

/// A text from outside, block by block.
#[component]
pub(super) fn Prose(
    /// Blocks of the text, in order.
    blocks: Vec<Block>,
) -> impl IntoView {
    blocks.into_iter().map(block).collect_view()
}

fn block(part: Block) -> AnyView {
    match part {
        // The page uses heading level 1 and its sections level 2.
        Block::Heading { level, text } if level <= 2 => view! { <h3>{line(text)}</h3> }.into_any(),
        Block::Heading { text, .. } => view! { <h4>{line(text)}</h4> }.into_any(),
        Block::Paragraph { text } => view! { <p>{line(text)}</p> }.into_any(),
        Block::Code { text } => {
            view! { <pre class="code" tabindex="0"><code>{text}</code></pre> }.into_any()
        }
        Block::List { ordered, items } => {
            let items = items.into_iter().map(|item| {
                let parts: Vec<AnyView> = item.into_iter().map(block).collect();
                view! { <li>{parts}</li> }
            });
            let items = items.collect_view();
            if ordered {
                view! { <ol>{items}</ol> }.into_any()
            } else {
                view! { <ul>{items}</ul> }.into_any()
            }
        }
        Block::Table { head, rows } => {
            let head = head
                .into_iter()
                .map(|cell| view! { <th scope="col">{line(cell)}</th> });
            let head = head.collect_view();
            let rows = rows.into_iter().map(|row| {
                let cells = row.into_iter().map(|cell| view! { <td>{line(cell)}</td> });
                let cells = cells.collect_view();
                view! { <tr>{cells}</tr> }
            });
            let rows = rows.collect_view();
            // A block wider than the page scrolls by itself, by keyboard too.
            view! {
                <div class="prose-table" role="region" aria-label="Table" tabindex="0">
                    <table class="table">
                        <thead>
                            <tr>{head}</tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }
        Block::Quote { blocks } => {
            let parts: Vec<AnyView> = blocks.into_iter().map(block).collect();
            view! { <blockquote>{parts}</blockquote> }.into_any()
        }
    }
}

fn line(parts: Vec<Inline>) -> Vec<AnyView> {
    parts.into_iter().map(inline).collect()
}

fn inline(part: Inline) -> AnyView {
    match part {
        Inline::Text { text } => text.into_any(),
        Inline::Code { text } => view! { <code>{text}</code> }.into_any(),
        Inline::Strong { text } => view! { <strong>{text}</strong> }.into_any(),
        Inline::Link { url, host, text } => {
            // The link's text may claim another destination, so the host is shown.
            let whose = (text != url && text != host).then(|| format!(" ({host})"));
            view! {
                <a href=url target="_blank" rel="noopener noreferrer nofollow ugc">{text}</a>
                {whose.map(|whose| view! { <span class="dim">{whose}</span> })}
            }
            .into_any()
        }
    }
}
