/** Kept apart from the page, for the page names it by its hash. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b29; --soft: #5a5a70; --line: #d5d5e2; --edge: #77778c; --paper: #fff; --ground: #f3f3f9; --accent: #5546d6; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f0f7; --soft: #b0b0c4; --line: #45455c; --edge: #8a8aa3; --paper: #20202e; --ground: #14141d; --accent: #a9a0ff; --on-accent: #14141d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1rem; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: clamp(1.25rem, 6vw, 2.25rem); box-shadow: 0 8px 32px rgb(20 20 45 / 8%); background: var(--paper); border: 1px solid var(--line); border-radius: 1rem; }
.brand { margin: 0 0 1.5rem; font-weight: 600; } .brand span { color: var(--accent); } .brand small { color: var(--soft); font-weight: 400; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; } h2 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
ul { margin: 0; padding: 0; list-style: none; } .scopes { display: grid; gap: .125rem; padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .6rem; color: var(--soft); }
.scopes li { display: flex; gap: .6rem; } .scopes li::before { content: "✓" / ""; color: var(--accent); font-weight: 700; }
::placeholder { color: var(--soft); opacity: 1; }
label { display: block; margin: 1.25rem 0 .5rem; font-weight: 600; }
.row { display: flex; gap: .5rem; }
input, button { font: inherit; color: inherit; border: 1px solid var(--edge); border-radius: .6rem; padding: .6rem .9rem; background: transparent; }
input { flex: 1; min-width: 0; } button { cursor: pointer; }
.people li { display: flex; gap: .25rem; margin-bottom: .5rem; }
.people button { display: flex; align-items: center; gap: .75rem; flex: 1; min-width: 0; text-align: left; overflow-wrap: anywhere; }
.people .remove { flex: none; justify-content: center; width: 2.75rem; padding: 0; border-color: transparent; color: var(--soft); }
.people button span { --of: 250; flex: none; display: grid; place-items: center; width: 2rem; height: 2rem; border-radius: 50%; background: hsl(var(--of) 60% 36%); color: #fff; font-weight: 600; }
.people .c1 { --of: 330; } .people .c2 { --of: 200; } .people .c3 { --of: 150; } .people .c4 { --of: 20; } .people .c5 { --of: 285; }
button:hover { border-color: var(--accent); } .primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
h1 + p { color: var(--soft); overflow-wrap: anywhere; } h1 + p strong { color: var(--ink); }
.quiet { margin-top: 1rem; width: 100%; border-color: transparent; color: var(--soft); text-decoration: underline; }
button { min-height: 2.75rem; transition: background-color .12s; } .people button:hover { background: var(--ground); }
@media (max-width: 22rem) { .row { flex-direction: column; } }
@media (prefers-reduced-motion: reduce) { * { transition: none; } }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
footer { color: var(--soft); font-size: .875rem; text-align: center; }
`;
