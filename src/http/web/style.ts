import { createHash } from 'node:crypto'

/** The one style sheet. A text and not a file, so that it is there under every way of running Sluice. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #16181d);
  --raised: light-dark(#f4f5f7, #1f2229);
  --line: light-dark(#d5d8de, #3a3f4a);
  --text: light-dark(#1f2329, #e6e8ec);
  --quiet: light-dark(#565e6b, #a4abb8);
  --link: light-dark(#0b5cad, #7cb8ff);
  --good: light-dark(#0b6b34, #6fd39a);
  --bad: light-dark(#b1221d, #ff9a92);
  --warn: light-dark(#8a4b00, #f2bd6b);
  --busy: light-dark(#0b5cad, #7cb8ff);
  font: 15px/1.5 system-ui, sans-serif;
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text) }
a { color: var(--link) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -999px }
.skip:focus { left: 8px; top: 8px; background: var(--ground); padding: 4px 8px }
body > header { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 10px 24px; border-bottom: 1px solid var(--line); background: var(--raised) }
body > header a.home { font-weight: 650; text-decoration: none; color: inherit }
body > header nav ol { display: flex; flex-wrap: wrap; gap: 4px 12px; list-style: none; margin: 0; padding: 0 }
main { padding: 16px 24px 48px; max-width: 1400px }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 8px 0; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 28px 0 8px }
h3 { font-size: 1rem; margin: 16px 0 6px }
.cause { font-size: 1.05rem; overflow-wrap: anywhere }
.quiet { color: var(--quiet) }
code, pre, .log, td.value { font-family: ui-monospace, 'Liberation Mono', Menlo, monospace; font-size: .9em }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 12px 0 }
dl.facts dt { color: var(--quiet) }
dl.facts dd { margin: 0; overflow-wrap: anywhere }
ol.chain { list-style: none; margin: 0; padding: 0 }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line) }
table.even { table-layout: fixed }
time { white-space: nowrap }
thead th { color: var(--quiet); font-weight: 600 }
tbody th { font-weight: 600 }
td p, th p { font-weight: 400; margin: 2px 0 }
td code, th code { white-space: nowrap }
td.value code { white-space: inherit }
td button, td details.ask > summary { padding: 2px 10px }
td.value { overflow-wrap: anywhere; white-space: pre-wrap }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 12px; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
td details pre { margin: 6px 0 }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 999px; padding: 0 10px; font-size: .9rem; font-weight: 600; white-space: nowrap }
h1 .badge { font-size: 1rem; vertical-align: middle }
.success { color: var(--good) }
.failed { color: var(--bad) }
.success-with-warnings, .manual, .scheduled { color: var(--warn) }
.running, .pending, .preparing, .waiting-for-resource, .waiting-for-callback, .canceling { color: var(--busy) }
.created, .skipped, .canceled { color: var(--quiet) }
.error { border-left: 4px solid var(--bad) }
.trigger { border: 1px solid var(--line); border-left: 4px solid var(--busy); border-radius: 6px; padding: 4px 16px 12px; margin: 16px 0 }
body > header .who { margin-left: auto; display: flex; gap: 12px; align-items: baseline }
nav.project { border-bottom: 1px solid var(--line); padding: 0 24px }
nav.project ul { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 0; padding: 6px 0 }
button.link { border: 0; background: none; padding: 0; color: var(--link); text-decoration: underline }
button.danger { border-color: var(--bad); color: var(--bad) }
.said p { margin: 6px 0 }
.said, .not-live { border: 1px solid var(--line); border-left: 4px solid var(--good); border-radius: 6px; padding: 4px 14px; margin: 8px 0; overflow-wrap: anywhere }
.said.problem, .not-live, .problem-list { border-left-color: var(--bad) }
.not-live { margin: 8px 24px }
.legacy { color: var(--warn) }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 8px 0 }
td .actions { margin: 0 }
.actions form, td form { margin: 0; display: inline-block }
details.ask > summary { cursor: pointer; border: 1px solid var(--quiet); border-radius: 4px; padding: 6px 14px; background: var(--raised); list-style: none }
details.ask[open] { border: 1px solid var(--line); border-radius: 6px; padding: 8px }
form.fields { display: grid; gap: 12px; max-width: 46rem; margin: 12px 0 }
form.fields > .field, form.fields fieldset { display: grid; gap: 4px }
fieldset { border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; min-width: 0 }
fieldset .row { display: grid; grid-template-columns: minmax(8rem, 1fr) minmax(10rem, 2fr) auto; gap: 6px; align-items: start }
form.filter { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; margin: 8px 0 }
form.filter label { display: grid; gap: 2px }
.hint { color: var(--quiet); font-size: .92rem; margin: 0 }
.pages { display: flex; gap: 16px; margin: 12px 0 }
label.check { display: flex; gap: 8px; align-items: baseline }
form.login { display: grid; gap: 8px; max-width: 28rem; margin: 16px 0 }
input, select, textarea { font: inherit; max-width: 100%; padding: 6px 8px; color: inherit; background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px }
button { font: inherit; padding: 6px 14px; justify-self: start; border: 1px solid var(--quiet); border-radius: 4px; background: var(--raised); color: inherit; cursor: pointer }
.log { background: #14161b; color: #e6e8ec; border-radius: 6px; padding: 10px 0; line-height: 1.45; overflow-x: auto; color-scheme: dark }
.log .line, .log summary { padding: 0 12px; white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.45em }
.log .line:target { background: #3a3413 }
.log .number { display: inline-block; min-width: 3.5em; margin-right: 1em; text-align: right; color: #9aa3b2; text-decoration: none; user-select: none }
.log summary { cursor: pointer; background: #20242c }
.log .took { color: #b4bbc7; margin-left: 1em }
.bold { font-weight: 700 } .dim { opacity: .75 } .italic { font-style: italic } .underline { text-decoration: underline }
.struck { text-decoration: line-through } .underline.struck { text-decoration: underline line-through } .concealed { opacity: 0 }
.fg-inverse { color: #14161b } .bg-inverse { background: #e6e8ec }
.fg0 { color: #8b94a3 } .fg1 { color: #ff8078 } .fg2 { color: #5fd38d } .fg3 { color: #e3b341 }
.fg4 { color: #79b8ff } .fg5 { color: #dda0ff } .fg6 { color: #56d4dd } .fg7 { color: #d5d9e0 }
.fg8 { color: #9aa3b2 } .fg9 { color: #ffa198 } .fg10 { color: #7ee2a8 } .fg11 { color: #f2cc60 }
.fg12 { color: #a5d0ff } .fg13 { color: #ecc8ff } .fg14 { color: #8ce8ee } .fg15 { color: #ffffff }
.bg0 { background: #000000 } .bg1 { background: #8f1d18 } .bg2 { background: #0b5a2b } .bg3 { background: #6b4a00 }
.bg4 { background: #0b4a8a } .bg5 { background: #5f2a86 } .bg6 { background: #0b5b63 } .bg7 { background: #4a505c }
.bg8 { background: #3a3f4a } .bg9 { background: #a32a24 } .bg10 { background: #0f6b35 } .bg11 { background: #7a5600 }
.bg12 { background: #1258a3 } .bg13 { background: #70369c } .bg14 { background: #0f6a73 } .bg15 { background: #5a616e }
@media (prefers-reduced-motion: no-preference) { a, button { transition: color .1s } }
@media (max-width: 640px) { fieldset .row { grid-template-columns: 1fr } main, nav.project, body > header { padding-left: 12px; padding-right: 12px } dl.facts { grid-template-columns: 1fr } }
`.trim()

/** Its address changes with its text, so that a browser may keep it for ever. */
export const STYLE_PATH = `/-/assets/style-${createHash('sha256').update(STYLE).digest('hex').slice(0, 16)}.css`
