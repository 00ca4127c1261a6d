/**
 * The arguments of a layer's constructor as plain data. `fromConfig(getConfig())` makes an equal
 * layer.
 */
export type LayerConfig = Record<string, LayerConfigValue>;

/** What a configuration may hold. */
export type LayerConfigValue =
  | string
  | number
  | boolean
  | null
  | readonly LayerConfigValue[]
  | { readonly [name: string]: LayerConfigValue };
