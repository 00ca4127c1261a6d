// Serves a forecast over HTTP: POST /forecast takes { "series": [numbers] } and answers
// { "next": number }. Calls that come at the same time are computed in one batch, in a worker, so
// the event loop stays free. POST /model trains another model and then answers with it; calls that
// run end with the old one.
//   node examples/serve-waves.js [--port 8080]
//   node examples/serve-waves.js --clients 64   (asks itself, prints what came, and ends)
import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Adam, ArgumentError, DataError, Dense, LSTM, Sequential, ShapeError, setRandomSeed } from 'backtime';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' }, clients: { type: 'string' } } });

/** Numbers of a series. */
const STEPS = 16;
/** Bytes of a request. More than any series of this length takes. */
const MOST_BYTES = 10_000;

/** What a request is refused for. */
class RequestError extends Error {}

/** Errors of requests: the server's own, and those of Backtime about what a model cannot take. */
const REFUSALS = [RequestError, ArgumentError, ShapeError, DataError];

/**
 * The number of a wave at a time.
 * @param {number} phase
 * @param {number} time
 */
const wave = (phase, time) => Math.sin(phase + 0.4 * time);

/**
 * Trains a model that forecasts the next number of a wave.
 * @param {number} seed
 */
async function train(seed) {
  setRandomSeed(seed);
  const phases = Array.from({ length: 512 }, (_, index) => (2 * Math.PI * index) / 512);
  const x = phases.map((phase) => Array.from({ length: STEPS }, (_, time) => [wave(phase, time)]));
  const y = phases.map((phase) => wave(phase, STEPS));
  const model = new Sequential([new LSTM(16), new Dense(1)]);
  model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'mse' });
  await model.fit(x, y, { epochs: 12, verbose: 0, workers: 1 });
  return model;
}

let model = await train(1);
let models = 1;

/**
 * The next number of a series.
 * @param {unknown} body what a request asks, which may be anything
 */
async function forecast(body) {
  const series = typeof body === 'object' && body !== null && 'series' in body ? body.series : undefined;
  if (!Array.isArray(series) || series.length !== STEPS || !series.every(Number.isFinite))
    throw new RequestError(`series must be ${STEPS} numbers`);
  const { data } = await model.predict([series.map((value) => [value])], { workers: 1, maxDelay: 2, batchSize: 64 });
  return data[0];
}

/**
 * The JSON of a request.
 * @param {import('node:http').IncomingMessage} request
 */
async function jsonOf(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > MOST_BYTES) throw new RequestError(`a request has at most ${MOST_BYTES} bytes`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError('a request must be JSON');
  }
}

/**
 * What a request is answered with.
 * @param {import('node:http').IncomingMessage} request
 */
async function answer(request) {
  if (request.method !== 'POST') throw new RequestError('expected POST');
  if (request.url === '/forecast') return { next: await forecast(await jsonOf(request)) };
  if (request.url !== '/model') throw new RequestError('expected /forecast or /model');
  const next = await train(models + 1);
  model = next;
  models++;
  return { models };
}

const server = createServer(async (request, response) => {
  let status = 200;
  const body = await answer(request).catch((error) => {
    if (REFUSALS.some((refusal) => error instanceof refusal)) {
      status = 400;
      return { error: error.message };
    }
    console.error(error);
    status = 500;
    return { error: 'the server failed' };
  });
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(values.clients === undefined ? Number(values.port) : 0);
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
const address = `http://localhost:${port}`;
if (values.clients === undefined) console.log(`listening on ${address}`);
else await askItself(Number(values.clients));

/**
 * Has clients ask, one series after the other, while the model is replaced.
 * @param {number} clients
 */
async function askItself(clients) {
  /** @type {(path: string, body: object) => Promise<{ next: number, error: string }>} */
  const post = async (path, body) => (await fetch(address + path, { method: 'POST', body: JSON.stringify(body) })).json();
  const replaced = post('/model', {});
  let isReplaced = false;
  replaced.then(() => {
    isReplaced = true;
  });
  let answers = 0;
  let right = 0;
  /** @param {number} client */
  const ask = async (client) => {
    // Each client asks at least once after the model was replaced.
    for (let last = false; !last; ) {
      last = isReplaced;
      const phase = client + answers;
      const { next } = await post('/forecast', { series: Array.from({ length: STEPS }, (_, time) => wave(phase, time)) });
      answers++;
      if (Math.abs(next - wave(phase, STEPS)) < 0.2) right++;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => ask(client)));
  await replaced;
  const { error } = await post('/forecast', { series: [1, 2, 3] });
  console.log(`models: ${models}, clients: ${clients}`);
  console.log(`answers within 0.2 of the wave: ${(right / answers).toFixed(4)}`);
  console.log(`a short series: ${error}`);
  const wrong = ['null', '[]', 'text', JSON.stringify({ series: Array(STEPS).fill(1e300) })];
  const answered = wrong.map((body) => fetch(`${address}/forecast`, { method: 'POST', body }));
  console.log(`bodies without a series: status ${(await Promise.all(answered)).map(({ status }) => status).join(', ')}`);
  server.close();
  server.closeAllConnections();
}
