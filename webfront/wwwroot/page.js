// The smallest page that shows it: one task, one socket, a cursor. What a browser app uses is the client package.
const $ = (id) => document.getElementById(id);
const api = '/api/v1';
let taskId = new URL(location.href).searchParams.get('task');
let cursor = null, epoch = null, tries = 0, ended = false;
let channels = new Map(), titles = new Map(), pending = null;

const badge = (state, words) => { $('badge').className = 'badge ' + state; $('badge').textContent = words ?? state; };
const log = (line) => {
  const lines = ($('log').textContent + new Date().toISOString().slice(11, 23) + '  ' + line + '\n').split('\n');
  $('log').textContent = lines.slice(-200).join('\n');
};

async function start(kind) {
  const input = kind === 'echo' ? { count: 200, interval_ms: 50, size: 24 } : { document: $('document').value, review: $('review').checked };
  const answer = await fetch(api + '/tasks', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ kind, input }) });
  const body = await answer.json();
  if (!answer.ok) {
    $('problem').hidden = false;
    $('problem').textContent = body.detail + (body.field ? ` (${body.field})` : '');
    return;
  }
  taskId = body.task_id;
  history.pushState(null, '', '?task=' + taskId);
  watch();
}

function watch() {
  $('form').hidden = true;
  $('task').hidden = false;
  $('title').textContent = taskId;
  $('other').href = location.href;
  connect();
}

function connect() {
  const from = cursor ? 'after=' + encodeURIComponent(cursor) : 'include_history=true';
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${api}/ws/${encodeURIComponent(taskId)}?compact=true&${from}`);
  let verdict = 'reconnect', wait = null;
  badge(tries ? 'reconnecting' : 'connecting', tries ? `reconnecting, try ${tries}` : 'connecting');
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.seq) {
      const from = message.seq_from ?? message.seq;
      const last = cursor ? Number(cursor.split(':')[1]) : 0;
      if (from !== last + 1) log(`GAP: expected ${last + 1}, got ${from}`);
      cursor = epoch + ':' + message.seq;
      tries = 0;
      event(message);
      return;
    }
    log('< ' + data.slice(0, 300));
    switch (message.type) {
      case 'connected': epoch = message.epoch; badge('live', 'connected'); break;
      case 'current_status': status(message); break;
      case 'history_reset': cursor = null; clear(); break;
      case 'caught_up': badge('live', 'live'); break;
      case 'closing': verdict = message.retry; wait = message.retry_after_ms; break;
      case 'error': if (message.fatal) { verdict = message.retry; outcome(message.message, true); } break;
    }
  };
  socket.onclose = ({ code }) => {
    log(`closed ${code}, ${verdict}`);
    if (ended || verdict === 'stop') {
      badge(ended ? 'ended' : 'failed', ended ? 'ended' : `stopped (${code})`);
      return;
    }
    tries++;
    badge('reconnecting', `reconnecting, try ${tries}`);
    setTimeout(connect, wait ?? Math.min(1000 * 2 ** (tries - 1), 15000) * (0.8 + Math.random() * 0.4));
  };
}

function status(task) {
  $('title').textContent = `${task.kind} · ${task.task_id}`;
  ask(task.pending_review);
}

function clear() {
  channels = new Map();
  titles = new Map();
  $('text').replaceChildren();
}

function channel(name) {
  if (!channels.has(name)) {
    const block = document.createElement('div');
    const heading = document.createElement('h4');
    const words = document.createElement('p');
    heading.textContent = titles.get(name) ?? '';
    heading.hidden = !heading.textContent;
    block.append(heading, words);
    $('text').append(block);
    channels.set(name, { words, pieces: [] });
  }
  return channels.get(name);
}

function event({ type, seq, data }) {
  switch (type) {
    case 'token': {
      const { words, pieces } = channel(data.channel);
      pieces.push({ seq, delta: data.delta });
      words.append(data.delta);
      break;
    }
    case 'item': titles.set(data.item_id, data.title); break;
    case 'progress':
      if (data.percent != null) $('progress').value = data.percent;
      $('stage').textContent = [data.stage, data.message, data.total ? `${data.current} of ${data.total}` : null].filter(Boolean).join(' · ');
      break;
    case 'review_required': ask({ ...data }); break;
    case 'review_resolved': ask(null); break;
    case 'retrying':
      for (const one of channels.values()) {
        one.pieces = one.pieces.filter((piece) => piece.seq <= data.supersedes_after);
        one.words.textContent = one.pieces.map((piece) => piece.delta).join('');
      }
      $('stage').textContent = `${data.reason}: attempt ${data.attempt} goes on`;
      break;
    case 'completed': end('Completed.'); break;
    case 'failed': end(`Failed: ${data.error.message}`, true); break;
    case 'cancelled': end(`Cancelled${data.reason ? ': ' + data.reason : ''}.`); break;
    default: log(`${seq} ${type} ${JSON.stringify(data).slice(0, 200)}`);
  }
}

function ask(review) {
  pending = review;
  $('ask').hidden = !review;
  if (review) {
    $('prompt').textContent = review.prompt;
    $('payload').textContent = JSON.stringify(review.payload, null, 2);
  }
}

function outcome(words, bad = false) {
  $('outcome').textContent = words;
  $('outcome').className = bad ? 'problem' : '';
}

function end(words, bad) {
  ended = true;
  $('cancel').hidden = true;
  ask(null);
  outcome(words, bad);
}

const post = (path, body) => fetch(`${api}/tasks/${taskId}/${path}`, { method: 'POST', body: JSON.stringify(body) });
$('form').addEventListener('submit', (submit) => { submit.preventDefault(); start(submit.submitter.value); });
$('sample').addEventListener('change', async ({ target }) => { if (target.value) $('document').value = await (await fetch('samples/' + target.value)).text(); });
$('cancel').addEventListener('click', () => post('cancel', { reason: 'cancelled on the page' }));
$('ask').addEventListener('click', ({ target }) => { if (pending && target.dataset.decision) post('review', { review_id: pending.review_id, decision: target.dataset.decision }); });
addEventListener('popstate', () => location.reload());
if (taskId) watch();
