// A request to the server and the pieces it answers with.

/** The pieces of a completion, as OpenAI's API sends them. */
export async function* complete(request, signal) {
  const response = await fetch('v1/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...request, stream: true }),
    signal,
  });
  if (!response.ok) throw new Error(await problem(response));
  for await (const data of events(response.body)) {
    if (data === '[DONE]') return;
    const piece = JSON.parse(data);
    if (piece.error) throw new Error(piece.error.message);
    yield piece.choices[0];
  }
}

/** The name of the model that is served. */
export async function modelName() {
  const response = await fetch('v1/models');
  if (!response.ok) throw new Error(await problem(response));
  return (await response.json()).data[0].id;
}

async function problem(response) {
  const wait = response.headers.get('Retry-After');
  if (response.status === 503 && wait) return `The server is busy. Try again in ${wait} s.`;
  const body = await response.json().catch(() => null);
  return body?.error?.message ?? `The server answered ${response.status}.`;
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    held += value;
    for (let end; (end = held.indexOf('\n\n')) >= 0; held = held.slice(end + 2)) {
      const event = held.slice(0, end);
      if (event.startsWith('data: ')) yield event.slice(6);
    }
  }
}
