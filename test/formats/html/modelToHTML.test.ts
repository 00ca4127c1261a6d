import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import * as backtime from '../../../dist/node.js';
import type { Sequential } from '../../../ts/index.ts';

// The page is made when dist/ is built, so what makes it is taken from there.
const { ArgumentError, CustomLayer, Dense, Input, LSTM, loadModel, modelToHTML, registerClass, StateError } =
  backtime as unknown as typeof import('../../../ts/index.ts');
const Chain = backtime.Sequential as unknown as typeof Sequential;

const make = () => new Chain([Input({ shape: [null, 2] }), new LSTM(3), new Dense(2, { activation: 'softmax' })]);
const sha = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const elements = (html: string, name: string) => [...html.matchAll(new RegExp(`<${name}([^>]*)>([\\s\\S]*?)</${name}>`, 'g'))];

describe('the page of a model', () => {
  const model = make();
  let html = '';

  beforeAll(async () => {
    expect(inject('distIsCurrent'), 'npm run build').toBe(true);
    html = await modelToHTML(model, { title: '<b>"Up" & down</b>', description: '1 < 2', classNames: ['up</script>', '<!-- down'] });
  });

  test('is one file that leads nowhere', () => {
    const frame = html.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '');
    expect(frame).not.toMatch(/\bsrc=|\bhref=|@import|url\(|<iframe|<object|<link/);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html.length).toBeLessThan(800_000);
  });

  test('has a policy that forbids connections and allows its own script and style alone', () => {
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1];
    const script = elements(html, 'script').filter(([, attributes]) => attributes === '');
    const style = elements(html, 'style');
    expect([script.length, style.length]).toEqual([1, 1]);
    expect(policy).toBe(
      `default-src 'none'; script-src ${sha(script[0]?.[2] as string)} 'wasm-unsafe-eval'; style-src ${sha(style[0]?.[2] as string)}; ` +
        "connect-src 'none'; base-uri 'none'; form-action 'none'",
    );
  });

  test('shows texts as texts, and class names cannot end its script', () => {
    const title = '&lt;b&gt;&quot;Up&quot; &amp; down&lt;/b&gt;';
    expect(['title', 'h1'].map((name) => elements(html, name)[0]?.[2])).toEqual([title, title]);
    expect(elements(html, 'p')[0]?.[2]).toBe('1 &lt; 2');
    const scripts = elements(html, 'script');
    // Settings, two modules of kernels, the model, and the code.
    expect(scripts).toHaveLength(5);
    expect(JSON.parse(scripts[0]?.[2] as string)).toEqual({ classNames: ['up</script>', '<!-- down'], inputs: {} });
  });

  test('holds the kernels that are the same everywhere, and the model without its optimizer', async () => {
    const held = Object.fromEntries(
      elements(html, 'script').map(([, attributes = '', text]) => [/id="(\w+)"/.exec(attributes)?.[1], text]),
    );
    const module = new WebAssembly.Module(Buffer.from(held.kernels as string, 'base64'));
    expect(WebAssembly.Module.exports(module).some(({ name }) => name === 'memory')).toBe(true);
    const read = await loadModel(Buffer.from(held.model as string, 'base64'));
    expect(read.getState().compile).toBeNull();
    const x = [
      [
        [1, 2],
        [3, 4],
      ],
    ];
    expect((await read.predict(x)).data).toEqual((await model.predict(x)).data);
  });

  test('takes the names of classes from the metadata', async () => {
    const trained = make();
    const loaded = await loadModel(await backtime.modelToBytes(trained as never, { metadata: { labels: ['a', 'b'] } }));
    expect(elements(await modelToHTML(loaded), 'script')[0]?.[2]).toBe('{"classNames":["a","b"],"inputs":{}}');
    expect(elements(await modelToHTML(trained), 'script')[0]?.[2]).toBe('{"classNames":null,"inputs":{}}');
  });
});

test('what is said of inputs is checked against them', async () => {
  const { Embedding, Flatten, Concatenate, Model } = backtime as unknown as typeof import('../../../ts/index.ts');
  const shop = Input({ shape: [1], name: 'shop' });
  const numbers = Input({ shape: [2], name: 'numbers' });
  const parts = [new Flatten().apply(new Embedding(3, 2).apply(shop) as never), numbers];
  const several = new Model({
    inputs: [shop, numbers],
    outputs: new Dense(1).apply(new Concatenate().apply(parts as never) as never) as never,
  });
  const html = await modelToHTML(several, {
    inputs: { shop: { choices: ['a</script>', 'b'] }, numbers: { label: 'Days', examples: ['1 2'] } },
  });
  expect(JSON.parse(elements(html, 'script')[0]?.[2] as string).inputs).toEqual({
    shop: { choices: ['a</script>', 'b'] },
    numbers: { label: 'Days', examples: ['1 2'] },
  });
  for (const [inputs, message] of [
    [{ stores: {} }, "inputs has 'stores', but the model has no such input: its inputs are shop, numbers"],
    [{ numbers: { choices: ['a'] } }, "choices is for an input of one whole number, .* 'numbers' is none"],
    [{ shop: { choices: [] } }, 'inputs.shop.choices must be an array of strings'],
    [{ shop: { examples: [1] } }, 'inputs.shop.examples must be an array of strings'],
    [{ shop: { label: 1 } }, 'inputs.shop.label must be a string, got 1'],
    [{ shop: { name: 'x' } }, "unknown option 'name'"],
  ] as [never, string][])
    await expect(modelToHTML(several, { inputs })).rejects.toThrow(new RegExp(message));
});

test('what cannot be a page is refused', async () => {
  class Same extends CustomLayer {
    static className = 'Same';
    override call(x: never): never {
      return x;
    }
  }
  registerClass(Same);
  await expect(modelToHTML(new Chain([Input({ shape: [2] }), new Same()]))).rejects.toThrow(/uses 'Custom>Same', which is custom code/);
  await expect(modelToHTML(new Chain([new Dense(2)]))).rejects.toThrow(StateError);
  await expect(modelToHTML({} as never)).rejects.toThrow(/^modelToHTML takes a model/);
  for (const options of [{ titel: 'x' }, { title: 3 }, { classNames: ['one'] }, { classNames: 'ab' }, { classNames: ['a', 'b', 'c'] }])
    await expect(modelToHTML(make(), options as never)).rejects.toThrow(ArgumentError);
});
