// Ways to break out of the places where text appears. The server's own tests send the same through every parameter,
// argument and stored text; here a real browser renders it.

export const CORPUS = [
  "</textarea><necto-canary>",
  "</title><necto-canary>",
  "</option></select><necto-canary>",
  "</script><necto-canary>",
  "</style><necto-canary>",
  "</noscript><necto-canary>",
  "--><necto-canary>",
  "<!--<script><necto-canary>",
  "]]><necto-canary>",
  '"><necto-canary>',
  "'><necto-canary>",
  '" necto-canary="1',
  "&lt;necto-canary&gt; & &amp;",
  "\n<necto-canary>",
  "\u2028<necto-canary>",
  "<svg><style><necto-canary>",
  "<img src=x onerror=document.title='ran'>",
  "javascript:necto-canary",
] as const;
