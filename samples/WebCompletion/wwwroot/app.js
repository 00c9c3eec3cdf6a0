// The form: starts and stops a completion.

import { complete, modelName } from './stream.js';
import { append, clear } from './tokens.js';

const field = id => document.getElementById(id);
const alternatives = 8;
let model = null;
let running = null;

field('form').addEventListener('submit', event => {
  event.preventDefault();
  if (!running) run();
});
field('stop').addEventListener('click', () => running?.abort());
field('prompt').addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) field('form').requestSubmit();
});
for (const id of ['temperature', 'top-p']) {
  const show = () => { document.querySelector(`output[for="${id}"]`).textContent = Number(field(id).value).toFixed(2); };
  field(id).addEventListener('input', show);
  show();
}

async function run() {
  running = new AbortController();
  const begun = performance.now();
  let count = 0;
  let end = null;
  busy(true);
  say('Generating…');
  clear(field('prompt').value);
  field('result').hidden = false;
  try {
    model ??= await modelName();
    const request = {
      model,
      prompt: field('prompt').value,
      temperature: Number(field('temperature').value),
      top_p: Number(field('top-p').value),
      max_tokens: Number(field('max-tokens').value),
      logprobs: alternatives,
    };
    for await (const piece of complete(request, running.signal)) {
      append(piece);
      count += piece.logprobs?.tokens.length ?? 0;
      end = piece.finish_reason ?? end;
      // beside the status and not in it: a screen reader would read every number
      field('count').textContent = `${count} tokens`;
    }
    const why = end === 'length' ? 'the limit was reached' : 'the model ended the text';
    const time = performance.now() - begun;
    say(`${count} tokens in ${time < 1000 ? `${time.toFixed(0)} ms` : `${(time / 1000).toFixed(1)} s`}: ${why}.`);
  } catch (error) {
    say(error.name === 'AbortError' ? `Stopped after ${count} tokens.` : error.message, error.name !== 'AbortError');
  } finally {
    running = null;
    field('count').textContent = '';
    busy(false);
  }
}

function busy(is) {
  const active = document.activeElement;
  field('start').disabled = is;
  field('stop').disabled = !is;
  // a disabled button loses the focus, and a keyboard its place
  if (active === field('start') && is) field('stop').focus();
  if (active === field('stop') && !is) field('start').focus();
  field('text').setAttribute('aria-busy', String(is));
}

function say(message, isError = false) {
  field('status').textContent = message;
  field('status').classList.toggle('error', isError);
}

modelName().then(name => {
  model = name;
  field('model').textContent = name;
}).catch(error => say(error.message, true));
