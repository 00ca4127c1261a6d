import { shortened } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { decodeText } from '../core/nodeGlobals.ts';
import { isError } from '../core/tags.ts';

/** How many arrays and objects may be inside each other: what reads them calls itself for each. */
const DEEPEST = 200;

/**
 * Parses a JSON file of another program. Python writes `Infinity`, which JSON does not have; JSON's
 * numbers beyond the largest one stand for it.
 * @param source the text, or its bytes in UTF-8
 * @param what the file or its part, for error messages
 * @throws {FormatError} when it is no JSON, or has more than 200 arrays and objects inside each
 *   other
 */
export function parseJSON(source: string | Uint8Array, what: string): unknown {
  const value = parsed(source, what);
  let inside = [value].filter(isObject);
  for (let depth = 1; inside.length > 0; depth++) {
    if (depth > DEEPEST) throw new FormatError(`${what} has more than ${DEEPEST} arrays and objects inside each other`);
    inside = inside.flatMap((each) => Object.values(each).filter(isObject));
  }
  return value;
}

function parsed(source: string | Uint8Array, what: string): unknown {
  let text = '';
  try {
    text = typeof source === 'string' ? source : decodeText(source, true);
    return JSON.parse(text);
  } catch (error) {
    const written = withoutInfinity(text);
    try {
      if (written !== text) return JSON.parse(written);
    } catch {
      // The first error is about the text of the file.
    }
    const reason = isError(error) ? shortened(error.message, 200) : String(error);
    throw new FormatError(`${what} is not JSON, so it is damaged or incomplete: ${reason}`, { cause: error });
  }
}

/** JSON with a number beyond the largest one for each `Infinity` outside of texts. */
function withoutInfinity(json: string): string {
  const parts: string[] = [];
  for (let at = 0; at < json.length; ) {
    const start = json.indexOf('"', at);
    const end = start < 0 ? json.length : endOfText(json, start);
    parts.push(json.slice(at, start < 0 ? end : start).replaceAll('Infinity', '1e999'), start < 0 ? '' : json.slice(start, end));
    at = end;
  }
  return parts.join('');
}

/** Where a text in quotation marks ends; the end of all when it does not. */
function endOfText(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return json.length;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
