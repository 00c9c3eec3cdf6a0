// The text as tokens that one can choose, and the list of what else could have come.
// Whatever a model writes goes in as text, never as HTML.

const text = document.getElementById('text');
const details = document.getElementById('details');
const title = document.getElementById('details-title');
const list = document.getElementById('alternatives');
const rest = document.getElementById('rest');

let pending = [];
let chosen = null;

/** Begins a new text behind a prompt. */
export function clear(prompt) {
  close();
  pending = [];
  const before = document.createElement('span');
  before.className = 'prompt';
  before.textContent = prompt;
  text.replaceChildren(before);
}

/** Adds a piece. A character may take several tokens: they wait for it. */
export function append(piece) {
  const logprobs = piece.logprobs;
  for (let i = 0; i < (logprobs?.tokens.length ?? 0); i++)
    pending.push({ token: logprobs.tokens[i], p: Math.exp(logprobs.token_logprobs[i]), top: logprobs.top_logprobs[i] });
  if (piece.text !== '' || piece.finish_reason !== null) show(piece.text);
}

function show(shown) {
  if (pending.length === 0 && shown === '') return;
  const tokens = pending;
  pending = [];
  const span = document.createElement('span');
  const p = tokens.length ? Math.min(...tokens.map(token => token.p)) : 1;
  span.className = shown === '' ? 'token special' : 'token';
  // the space before a word is not marked: at the end of a line it would be a mark of nothing
  const space = shown.match(/^ +(?=\S)/)?.[0] ?? '';
  span.textContent = shown === '' ? tokens.map(token => token.token).join('') : shown.slice(space.length);
  span.style.setProperty('--doubt', doubt(p));
  span.setAttribute('role', 'button');
  span.setAttribute('aria-label', `${visible(span.textContent)}, ${percent(p)}`);
  span.setAttribute('aria-pressed', 'false');
  span.tabIndex = text.querySelector('.token') ? -1 : 0;
  span.tokens = tokens;
  text.append(space, span);
}

// information instead of probability: 50 % and 99 % should differ as 1 % and 2 % do
const doubt = p => Math.min(1, -Math.log2(Math.max(p, 1e-9)) / 7).toFixed(3);

function choose(span) {
  chosen?.setAttribute('aria-pressed', 'false');
  text.querySelectorAll('.token[tabindex="0"]').forEach(other => { other.tabIndex = -1; });
  chosen = span;
  span.tabIndex = 0;
  span.setAttribute('aria-pressed', 'true');
  const last = span.tokens.at(-1);
  title.textContent = `${visible(span.tokens.map(token => token.token).join(' '))} · ${percent(last?.p ?? 1)}`;
  list.replaceChildren(...Object.entries(last?.top ?? {}).sort((a, b) => b[1] - a[1]).map(([name, logprob]) => row(name, Math.exp(logprob), name === last.token)));
  const others = 1 - Object.values(last?.top ?? {}).reduce((sum, logprob) => sum + Math.exp(logprob), 0);
  rest.textContent = `All other tokens together: ${percent(Math.max(others, 0))}`;
  details.hidden = false;
  span.scrollIntoView({ block: 'nearest' });
}

function row(name, p, isChosen) {
  const item = document.createElement('li');
  const label = document.createElement('span');
  const value = document.createElement('span');
  label.className = 'name';
  label.textContent = visible(name);
  value.className = 'value';
  value.textContent = percent(p);
  item.className = isChosen ? 'chosen' : '';
  if (isChosen) item.setAttribute('aria-current', 'true');
  item.style.setProperty('--p', p.toFixed(4));
  item.append(label, value);
  return item;
}

function close() {
  chosen?.setAttribute('aria-pressed', 'false');
  chosen?.focus();
  chosen = null;
  details.hidden = true;
}

const visible = name => name.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\t', '⇥');

const percent = p => p >= 0.9995 ? '100 %' : p >= 0.0995 ? `${(100 * p).toFixed(1)} %` : p >= 0.00005 ? `${(100 * p).toFixed(2)} %` : '< 0.01 %';

function step(from, by) {
  const all = [...text.querySelectorAll('.token')];
  const to = all[Math.min(Math.max(all.indexOf(from) + by, 0), all.length - 1)];
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
  if (!details.hidden) choose(to);
}

text.addEventListener('click', event => {
  const span = event.target.closest('.token');
  if (span) choose(span);
});
text.addEventListener('keydown', event => {
  const span = event.target.closest('.token');
  if (!span) return;
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (by !== undefined) step(span, by);
  else if (event.key === 'Enter' || event.key === ' ') choose(span);
  else return;
  event.preventDefault();
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && !details.hidden) close();
});
document.getElementById('close').addEventListener('click', close);
