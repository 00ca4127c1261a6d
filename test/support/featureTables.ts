import { readFileSync } from 'node:fs';
import * as backtime from '../../ts/index.ts';
import { resolveActivation } from '../../ts/layers/activationFunction.ts';
import { resolveInitializer } from '../../ts/layers/initializers.ts';
import { isLossName } from '../../ts/objective/lossRegistry.ts';
import { METRIC_NAMES } from '../../ts/objective/metrics.ts';

/** What Keras has, by kind: test/golden/kerasNames.json. */
interface KerasNames {
  readonly kerasVersion: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
}

const golden = new URL('../golden/kerasNames.json', import.meta.url);
const { kerasVersion, names } = JSON.parse(readFileSync(golden, 'utf8')) as KerasNames;

/** Other names of the same things here. */
const CALLED: Readonly<Record<string, string>> = {
  'layers InputLayer': 'Input',
  'layers Identity': 'IdentityLayer',
  'metrics CosineSimilarity': 'CosineSimilarityMetric',
  'metrics LogCoshError': 'LogCosh',
};

/** Whether a function does not throw. */
function works(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

/** Names in `compile` and in options of layers, by kind. */
const NAMED: Readonly<Record<string, (name: string) => boolean>> = {
  activations: (name) => works(() => resolveActivation(name, 'activation')),
  initializers: (name) => works(() => resolveInitializer(name, 2, 'initializer')),
  losses: isLossName,
  metrics: (name) => METRIC_NAMES.includes(name),
};

function has(kind: string, name: string): boolean {
  const here = CALLED[`${kind} ${name}`] ?? name;
  const camel = `${here[0]?.toLowerCase()}${here.slice(1)}`;
  return here in backtime || camel in backtime || (NAMED[kind]?.(camel) ?? false);
}

const listed = (list: readonly string[]) => list.map((name) => `\`${name}\``).join(', ') || '–';

/** The table of what Keras has, by what is here too. */
function table(): string {
  const rows = Object.entries(names).flatMap(([kind, all]) => [
    `| ${kind} | yes | ${listed(all.filter((name) => has(kind, name)))} |`,
    `| | no | ${listed(all.filter((name) => !has(kind, name)))} |`,
  ]);
  return [`| Keras ${kerasVersion} | Backtime | names |`, '|---|---|---|', ...rows].join('\n');
}

const [START, END] = ['<!-- names -->', '<!-- /names -->'];

/** A page with the table between its marks. */
export function withTable(page: string): string {
  const [before, rest = ''] = page.split(START);
  const [, after] = rest.split(END);
  if (after === undefined) throw new Error(`FEATURES.md has no ${START} and ${END}`);
  return `${before}${START}\n\n${table()}\n\n${END}${after}`;
}
