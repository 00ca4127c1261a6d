import type { Attributes } from './attributes.ts';
import { HDF5Dataset } from './dataset.ts';
import type { StoredObject, StoredObjects } from './storedObjects.ts';

/** The most groups inside each other. A group may contain itself, so that paths never end. */
const DEEPEST = 64;

/** A group of an HDF5 file: groups and datasets by name. */
export class HDF5Group {
  readonly #objects: StoredObjects;
  readonly #own: StoredObject;
  readonly #depth: number;

  constructor(objects: StoredObjects, own: StoredObject, depth: number) {
    this.#objects = objects;
    this.#own = own;
    this.#depth = depth;
  }

  /** The names of what is inside, in the order of the file. */
  get names(): string[] {
    return [...this.#own.links.keys()];
  }

  get attributes(): Attributes {
    return this.#own.attributes;
  }

  /**
   * The group or dataset at a path, whose names are separated by '/'; null if there is none.
   * @throws {FormatError} when the file is damaged, or more than 64 groups are inside each other
   */
  get(path: string): HDF5Group | HDF5Dataset | null {
    let found: HDF5Group | HDF5Dataset | null = this;
    for (const name of path.split('/')) {
      if (!(found instanceof HDF5Group)) return null;
      found = found.#child(name);
    }
    return found;
  }

  #child(name: string): HDF5Group | HDF5Dataset | null {
    const address = this.#own.links.get(name);
    if (address === undefined) return null;
    const { file } = this.#objects;
    if (this.#depth >= DEEPEST) throw file.damaged(`more than ${DEEPEST} groups are inside each other`);
    const object = this.#objects.at(address);
    return object.isDataset ? new HDF5Dataset(file, object) : new HDF5Group(this.#objects, object, this.#depth + 1);
  }
}
